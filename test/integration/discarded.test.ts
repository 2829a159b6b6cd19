import { describe, expect, it } from 'vitest';
import { civic } from '../../src/domain/civic.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { redrive } from '../../src/service/redrive.ts';
import { admin, citizen, createWorld, type World } from '../support/world.ts';

const ALICE = citizen('alice');
const ROOT = admin('root');

const REPORT = { title: 'Pothole', category: 'roads' };
const headersOf = (world: World) => world.ports.inbox.rows().headers;

describe('a dead batch', () => {
  it('that is discarded ends so also where nothing but its end can be planned (P1)', async () => {
    const { report: type } = civic.types;
    if (!type) throw new Error('the domain has reports');
    let broken = false;
    const upcast = (data: JsonObject, from: number) => {
      if (broken) throw new TypeError('no such thing');
      return type.upcast?.(data, from);
    };
    const world = createWorld({ domain: { ...civic, types: { ...civic.types, report: { ...type, upcast } } } });
    const phone = world.phone(ALICE, { deviceId: 'p1' });
    const old = phone.act({ action_type: 'create_report', entity_type: 'report', data: REPORT, schema_version: 1 });
    await phone.push();
    broken = true;
    await world.heal();
    expect(headersOf(world)).toMatchObject([{ state: 'dead', lastError: 'TypeError' }]);
    await redrive(world.deps, ROOT, { all: true, discard: true });
    await world.heal();
    expect(await world.results(ALICE, 'p1', [old.client_id])).toMatchObject([{ status: 'rejected', error: { code: 'discarded' } }]);
    expect(headersOf(world)).toEqual([]);
  });

  it('that died while it was being discarded is done, if the last word was to redrive it (P1)', async () => {
    let broken = true;
    const world = createWorld({
      wrap: ({ actions }) => ({
        actions: {
          ...actions,
          get: async (keys, options) => {
            // Only the worker asks like this.
            if (broken && options === undefined && keys.length === 1) throw new TypeError('no such thing');
            return actions.get(keys, options);
          },
        },
      }),
    });
    const phone = world.phone(ALICE, { deviceId: 'p1' });
    const action = phone.create('report', REPORT);
    await phone.push();
    const give = async (discard: boolean) => {
      await redrive(world.deps, ROOT, { all: true, discard });
      await world.heal();
      return headersOf(world).map(({ state }) => state);
    };
    await world.heal();
    expect(await give(true)).toEqual(['dead']);
    // A phone that sends it again does not undo what an admin decided.
    await world.clock.advance(2 * 3600_000);
    await phone.push();
    expect(headersOf(world)).toMatchObject([{ state: 'pending', discard: true }]);
    await world.heal();
    broken = false;
    expect(await give(false)).toEqual([]);
    expect(await world.results(ALICE, 'p1', [action.client_id])).toMatchObject([{ status: 'success' }]);
  });
});
