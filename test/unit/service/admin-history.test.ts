import { beforeEach, describe, expect, test } from 'vitest';
import type { AdminQueryRequest, AdminRow } from '../../../src/protocol/admin.ts';
import type { WireAction } from '../../../src/protocol/upload.ts';
import { adminQuery } from '../../../src/service/admin-query.ts';
import type { Claims } from '../../../src/engine/model.ts';
import { createWorld, type World } from '../../support/world.ts';
import { ADMIN, ALICE, ROADS } from './rows.ts';

let world: World;

/** What a device does, one upload each, applied before the next. */
async function does(claims: Claims, device: string, ...actions: Partial<WireAction>[]): Promise<void> {
  const full = actions.map((action) => ({ client_id: '', action_type: 'update_report', entity_type: 'report', entity_id: 'hole', ...action }));
  await world.server(claims).upload({ device_id: device, actions: full });
  await world.settle();
}

async function askAll(request: AdminQueryRequest): Promise<AdminRow[]> {
  const rows: AdminRow[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const answer: Awaited<ReturnType<typeof adminQuery>> = await adminQuery(world.deps, ADMIN, { ...request, cursor });
    rows.push(...answer.rows);
    cursor = answer.next_cursor;
  }
  return rows;
}

const history = (params: AdminQueryRequest['params'], limit?: number) => askAll({ query: 'record_history', params, limit });
const HOLE = { entity_type: 'report', entity_id: 'hole' };

beforeEach(async () => {
  world = createWorld();
  await does(ALICE, 'phone', { client_id: 'a1', action_type: 'create_report', data: { title: 'Hole', category: 'roads' } });
  await does(ALICE, 'phone', { client_id: 'a2', data: { title: 'Big hole' } }, { client_id: 'a3', data: { description: 'Deep' } });
  await world.clock.advance(60_000);
  await does(ROADS, 'desk', { client_id: 'o1', data: { status: 'in_progress' } });
  await does(ALICE, 'tablet', { client_id: 'a4', base_version: 1, data: { title: 'Huge hole' } });
  await does(ALICE, 'phone', { client_id: 'x1', action_type: 'create_report', entity_id: 'other', data: { title: 'Other', category: 'roads' } });
  await does(ALICE, 'phone', { client_id: 'a5', action_type: 'delete_report', base_version: 3 });
});

describe('record_history', () => {
  test('tells in order who did what, to which fields, and what came of it', async () => {
    const rows = await history({ ...HOLE, home: 'user:alice' });
    expect(rows.map(({ client_id, user, device_id, change, fields, status, resolution, version }) => [client_id, user, device_id, change, fields, status, resolution, version])).toEqual([
      ['a1', 'alice', 'phone', 'created', ['category', 'status', 'title'], 'success', null, 1],
      ['a2', 'alice', 'phone', 'updated', ['title'], 'success', null, 2],
      ['a3', 'alice', 'phone', 'updated', ['description'], 'success', null, 2],
      ['o1', 'olga', 'desk', 'updated', ['status'], 'success', null, 3],
      ['a4', 'alice', 'tablet', 'none', [], 'conflict', 'unresolved', 3],
      ['a5', 'alice', 'phone', 'deleted', [], 'success', null, 6],
    ]);
    expect(rows[0]).toMatchObject({ at: '2030-01-01T00:00:00.000Z', home: 'user:alice', server_id: 1, action_type: 'create_report', code: null });
    expect(rows[4]?.['conflict_id']).toEqual(expect.any(String));
  });

  test('is the same however the record is named and however it is paged', async () => {
    const all = await history({ ...HOLE, home: 'user:alice' });
    expect(await history({ ...HOLE, user: 'alice' }, 1)).toEqual(all);
    expect(await history({ entity_type: 'report', entity_id: 'hole', home: 'user:alice' }, 2)).toEqual(all);
    // Its number leads to it as long as it lives: afterwards only the id does.
    expect(await history({ entity_type: 'report', entity_id: 2, user: 'alice' })).toMatchObject([{ client_id: 'x1', entity_id: 'other' }]);
  });

  test('reads a log of any length', async () => {
    for (let i = 0; i < 230; i++) {
      await does(ALICE, 'phone', { client_id: `e${i}`, entity_id: 'other', data: { title: `Title ${i}` } });
    }
    const rows = await history({ entity_type: 'report', entity_id: 'other', home: 'user:alice' }, 50);
    expect(rows.map(({ client_id }) => client_id)).toEqual(['x1', ...Array.from({ length: 230 }, (_, i) => `e${i}`)]);
  });

  test('tells a change from what came to nothing beside it in the same commit', async () => {
    await does(ROADS, 'desk', { client_id: 'o2', entity_id: 'other', data: { status: 'in_progress' } }, { client_id: 'o3', entity_id: 'other', data: { status: 'received' } });
    const rows = await history({ entity_type: 'report', entity_id: 'other', home: 'user:alice', device_id: 'desk' });
    expect(rows.map(({ client_id, change, fields, status, code }) => [client_id, change, fields, status, code])).toEqual([
      ['o2', 'updated', ['status'], 'success', null],
      ['o3', 'none', [], 'rejected', 'validation_failed'],
    ]);
  });

  test('can be narrowed to a time and a device, and knows nothing of what never was', async () => {
    const since = '2030-01-01T00:00:30.000Z';
    expect((await history({ ...HOLE, home: 'user:alice', since })).map(({ client_id }) => client_id)).toEqual(['o1', 'a4', 'a5']);
    expect((await history({ ...HOLE, home: 'user:alice', device_id: 'desk' })).map(({ client_id }) => client_id)).toEqual(['o1']);
    expect(await history({ ...HOLE, home: 'user:bob' })).toEqual([]);
    expect(await history({ ...HOLE, user: 'bob' })).toEqual([]);
    expect(await history({ entity_type: 'task', entity_id: 'hole', home: 'user:alice' })).toEqual([]);
  });
});

describe('user_actions', () => {
  test('lists the outcomes of one user, page by page, filtered', async () => {
    const rows = await askAll({ query: 'user_actions', params: { user: 'alice' }, limit: 2 });
    expect(rows.map(({ client_id, status }) => [client_id, status])).toEqual([
      ['a1', 'success'], ['a2', 'success'], ['a3', 'success'], ['a4', 'conflict'], ['a5', 'success'], ['x1', 'success'],
    ]);
    expect(rows[0]).toMatchObject({
      user: 'alice', device_id: 'phone', action_type: 'create_report', entity_type: 'report', entity_id: 'hole', server_id: 1, home: 'user:alice',
      version: 1, code: null, conflict_id: null, resolution: null, accepted_at: '2030-01-01T00:00:00.000Z', done_at: '2030-01-01T00:00:00.000Z', retries: 0,
    });
    const tablet = await askAll({ query: 'user_actions', params: { user: 'alice', device_id: 'tablet' } });
    expect(tablet.map(({ client_id }) => client_id)).toEqual(['a4']);
    const other = await askAll({ query: 'user_actions', params: { user: 'alice', entity_id: 2 } });
    expect(other.map(({ client_id }) => client_id)).toEqual(['x1']);
  });
});
