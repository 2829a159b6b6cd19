import { describe, expect, test } from 'vitest';
import { recordKey } from '../../../src/engine/keys.ts';
import type { Claims, EntityRow } from '../../../src/engine/model.ts';
import { getRecord } from '../../../src/service/record.ts';
import { createWorld, citizen, officer, type World } from '../../support/world.ts';
import { actor, ADMIN, ALICE, BOB, report, ROADS } from './rows.ts';

async function put(world: World, row: EntityRow): Promise<void> {
  const { scope, serverId, n } = row;
  await world.ports.entities.put(row);
  const key = recordKey(scope, row.home, row.type, row.entityId);
  await world.ports.entities.putAlias({ scope, serverId, key, n, live: row.state === 'live' });
}

/** The copy that officers see. */
function copy(overrides: Partial<EntityRow> = {}): EntityRow {
  return report({ scope: 'department:roads', audience: [], ...overrides });
}

async function worldWith(...rows: EntityRow[]): Promise<World> {
  const world = createWorld();
  for (const row of rows) await put(world, row);
  return world;
}

const get = (world: World, claims: Claims, id: string, type = 'report') => getRecord(world.deps, actor(claims), type, id);

describe('one record', () => {
  test('is found by its id and by its number, by those who see it', async () => {
    const world = await worldWith(report(), copy());
    for (const id of ['r-1', '1']) {
      expect((await get(world, ALICE, id)).record).toMatchObject({ id: 1, entity_id: 'r-1', scope: 'user:alice', title: 'A hole' });
      expect((await get(world, ROADS, id)).record).toMatchObject({ scope: 'department:roads', home: 'user:alice' });
    }
  });

  test('is the one with the lowest server id where several visible ones share an id', async () => {
    const world = await worldWith(
      copy({ home: 'user:carl', serverId: 9 }),
      copy({ home: 'user:dora', serverId: 4 }),
      report({ home: 'user:olga', scope: 'user:olga', serverId: 6 }),
    );
    expect((await get(world, ROADS, 'r-1')).record).toMatchObject({ id: 4, home: 'user:dora' });
  });

  test('is its newest row, for a copy may lag behind its home', async () => {
    const mine = { home: 'user:olga', serverId: 3 };
    const world = await worldWith(
      report({ ...mine, scope: 'user:olga', version: 5, n: 5, state: 'deleted' }),
      copy({ ...mine, version: 2 }),
    );
    expect(await get(world, ROADS, 'r-1')).toMatchObject({ record: null, deleted: { reason: 'deleted', version: 5 } });
  });

  test('is its newest copy too, while it moves from one department to another', async () => {
    const world = await worldWith(copy({ scope: 'department:parks' }), copy({ version: 2, n: 2, fields: { title: 'Moved' } }));
    expect((await get(world, officer('pat', 'parks', 'roads'), '1')).record).toMatchObject({ title: 'Moved', scope: 'department:roads' });
  });

  test('that was deleted is told as deleted', async () => {
    const world = await worldWith(report({ state: 'deleted', version: 3, n: 3 }));
    expect(await get(world, ALICE, 'r-1')).toEqual({
      success: true,
      record: null,
      deleted: { id: 1, entity_id: 'r-1', version: 3, scope: 'user:alice', home: 'user:alice', reason: 'deleted' },
    });
  });

  test('of a user whose name is a number is found under that name', async () => {
    const profile = { type: 'profile', scope: 'user:42', home: 'user:42', entityId: '42', serverId: 7, fields: { name: 'Deep' } };
    const world = await worldWith(report(profile));
    expect((await get(world, citizen('42'), '42', 'profile')).record).toMatchObject({ entity_id: '42', name: 'Deep' });
    expect((await get(world, citizen('42'), '7', 'profile')).record).toMatchObject({ entity_id: '42' });
  });
});

describe('what the caller does not see', () => {
  test('is not found in the very same words as what never was', async () => {
    const world = await worldWith(
      report(),
      copy({ state: 'left', version: 2, n: 2 }),
      report({ type: 'task', entityId: 't-1', scope: 'department:parks', home: 'department:parks', serverId: 2 }),
    );
    const asked: [Claims, string, string][] = [
      [BOB, 'report', 'r-1'], [BOB, 'report', '1'], [ADMIN, 'report', 'r-1'], [ROADS, 'report', 'r-1'], [ROADS, 'report', '1'],
      [officer('pat', 'parks'), 'report', '2'], [ALICE, 'report', 'nothing'], [ALICE, 'report', '99'],
      [ALICE, 'unicorn', 'r-1'], [ALICE, 'constructor', 'r-1'], [ALICE, 'report', ''], [ALICE, 'report', '\ud800'],
      [ALICE, 'report', '9'.repeat(30)], [ALICE, 'report', 'ü'.repeat(5000)], [ALICE, 'report', 'r-1#user:alice'],
    ];
    const told = new Set<string>();
    for (const [claims, type, id] of asked) {
      const error: unknown = await get(world, claims, id, type).catch((refused: unknown) => refused);
      expect(error).toMatchObject({ name: 'SyncError', code: 'not_found' });
      told.add(JSON.stringify([(error as Error).message, error]));
    }
    expect(told.size).toBe(1);
  });
});
