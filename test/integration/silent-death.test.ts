import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { work } from '../../src/service/worker.ts';
import { citizen, createWorld } from '../support/world.ts';

const ALICE = citizen('alice');

describe('a worker that dies without a word (P1, P11)', () => {
  it('leaves its trace on the batch that it was at, not on one that only waited before', async () => {
    const world = createWorld();
    const send = (...actions: { client_id: string; action_type: string; entity_id: string; title: string }[]) =>
      world.server(ALICE).upload({
        device_id: 'a',
        actions: actions.map(({ title, ...action }) => ({ ...action, entity_type: 'report', data: { title, ...(action.action_type === 'create_report' ? { category: 'roads' } : {}) } })),
      });
    await send({ client_id: 'dead', action_type: 'create_report', entity_id: 'hole', title: 'Pothole' });
    await send({ client_id: 'behind', action_type: 'update_report', entity_id: 'hole', title: 'Deep pothole' });
    await send({ client_id: 'deadly', action_type: 'create_report', entity_id: 'bench', title: 'Bench' });
    const headers = () => world.ports.inbox.rows().headers;
    const [first] = headers();
    if (first) await world.ports.inbox.change(first, { state: 'dead' });

    const { actions } = world.deps;
    const dies: typeof actions = {
      ...actions,
      get: (keys) => (keys.some(({ clientId }) => clientId === 'deadly') ? new Promise(() => {}) : actions.get(keys)),
    };
    const body = { kind: 'batches' as const, scope: 'user:alice', owner: { user: 'alice', device: 'a' } };
    void work({ ...world.deps, actions: dies }, [{ id: '1', receipt: '1', receiveCount: 2, body }], () => 60_000);
    for (let i = 0; i < 20; i++) await setImmediate();

    expect(headers().map((header) => [header.actions[0]?.clientId, header.trying])).toEqual([['dead', 0], ['behind', 0], ['deadly', 1]]);
  });
});
