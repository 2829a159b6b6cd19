import { describe, expect, it } from 'vitest';
import { work } from '../../src/service/worker.ts';
import { citizen, createWorld } from '../support/world.ts';

const ALICE = citizen('alice');

describe('tables that went back by less than five minutes (P6)', () => {
  it('send audience messages anew: the queue has seen their like, but what came of that is lost', async () => {
    const world = createWorld();
    const { ports, deps } = world;
    const phone = world.phone(ALICE, { deviceId: 'a' });
    const { client_id } = phone.create('report', { title: 'Pothole', category: 'roads' });
    await phone.push();
    await world.settle();

    // Restored to the moment after the first commit: no views, no head, the batch still there. The queue is as it was.
    const before = createWorld();
    const again = before.phone(ALICE, { deviceId: 'a', uuid: () => client_id });
    again.create('report', { title: 'Pothole', category: 'roads' });
    await again.push();
    const [commit] = (await ports.log.read('user:alice', 0, 1, { strong: true })).commits;
    if (commit) await before.ports.log.put(commit);
    const restored = { ...before.deps, queue: deps.queue, clock: deps.clock, epoch: 1 };
    const owner = { user: 'alice', device: 'a' };
    const message = { id: '1', receipt: '1', receiveCount: 1, body: { kind: 'batches' as const, scope: 'user:alice', owner } };
    await work(restored, [message], () => 60_000);

    expect(ports.queue.messages()).toMatchObject([{ group: 'department:roads', message: { kind: 'note' } }]);
  });
});
