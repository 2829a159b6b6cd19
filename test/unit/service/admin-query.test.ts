import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ADMIN_QUERIES, adminQueryResponse, type AdminQueryRequest, type AdminRow } from '../../../src/protocol/admin.ts';
import { adminQuery } from '../../../src/service/admin-query.ts';
import { batchRef } from '../../../src/service/batch-ref.ts';
import { createWorld, type World } from '../../support/world.ts';
import { ADMIN, ALICE, conflict, entry, MINUTE, putBatch, report, ROADS, START_MS } from './rows.ts';

const ask = (world: World, request: AdminQueryRequest) => adminQuery(world.deps, ADMIN, request);

async function askAll(world: World, request: AdminQueryRequest): Promise<AdminRow[]> {
  const rows: AdminRow[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const answer: Awaited<ReturnType<typeof ask>> = await ask(world, { ...request, cursor });
    expect(adminQueryResponse.safeParse(answer).success).toBe(true);
    rows.push(...answer.rows);
    cursor = answer.next_cursor;
  }
  return rows;
}

const column = (rows: readonly AdminRow[], name: string) => rows.map((row) => row[name]);
const clientsOf = (rows: readonly AdminRow[]) => column(rows, 'client_id').filter((id) => typeof id === 'string').sort();

describe('admin queries', () => {
  test('are for admins only', async () => {
    for (const query of ADMIN_QUERIES) {
      for (const claims of [ALICE, ROADS]) {
        await expect(adminQuery(createWorld().deps, claims, { query })).rejects.toMatchObject({ code: 'forbidden' });
      }
    }
  });

  test('refuse the cursor of another query', async () => {
    const world = createWorld();
    await putBatch(world, { actions: [entry('a'), entry('b')] });
    const { next_cursor } = await ask(world, { query: 'pending_actions', limit: 1 });
    expect(next_cursor).not.toBeNull();
    await expect(ask(world, { query: 'failed_actions', cursor: next_cursor })).rejects.toMatchObject({ code: 'malformed_request' });
  });

  test('say which parameter is missing', async () => {
    const missing: [AdminQueryRequest, string][] = [
      [{ query: 'device' }, '/params/user'],
      [{ query: 'user_actions', params: { device_id: 'phone' } }, '/params/user'],
      [{ query: 'record_history', params: { entity_id: 'r-1', user: 'alice' } }, '/params/entity_type'],
      [{ query: 'record_history', params: { entity_type: 'report', user: 'alice' } }, '/params/entity_id'],
      [{ query: 'record_history', params: { entity_type: 'report', entity_id: 'r-1' } }, '/params/home'],
    ];
    for (const [request, pointer] of missing) {
      await expect(ask(createWorld(), request)).rejects.toMatchObject({ code: 'validation_failed', errors: [{ pointer }] });
    }
  });
});

describe('overview', () => {
  test('counts everything, thousands of rows too', async () => {
    const world = createWorld();
    for (let i = 0; i < 1200; i++) {
      const owner = { user: `user-${i}`, device: 'phone' };
      await world.ports.inbox.put({ ...(await putBatch(world)), owner, dueAt: i, actions: [entry('a'), entry('b')] }, []);
      await world.ports.devices.countUpload(owner.user, owner.device, { at: START_MS, info: {}, presented: 0 });
    }
    await putBatch(world, { batchId: '2-0', state: 'dead', actions: [entry('x'), entry('y'), entry('z')] });
    for (let i = 0; i < 600; i++) await world.ports.conflicts.put(conflict({ id: `c-${i}`, detectedAt: START_MS + i }));
    await world.ports.conflicts.put(conflict({ id: 'done', status: 'resolved' }));
    expect((await ask(world, { query: 'overview' })).rows).toEqual([{ pending: 2401, failed: 3, unresolved_conflicts: 600, devices: 1200 }]);
  });
});

describe('pending_actions and failed_actions', () => {
  test('show an action with its columns', async () => {
    const world = createWorld();
    const dead = await putBatch(world, { batchId: '1-0', state: 'dead', attempts: 5, lastError: 'TypeError', actions: [entry('a', 'r/1')] });
    await putBatch(world, { batchId: '2-0', attempts: 1, actions: [{ clientId: 'b', hash: '', actionType: 'nonsense', entityType: 'unicorn', order: 1 }] });
    const known = { user: 'alice', device_id: 'phone', accepted_at: '2030-01-01T00:00:00.000Z' };
    expect((await ask(world, { query: 'failed_actions' })).rows).toEqual([{
      ...known, client_id: 'a', action_type: 'create_report', entity_type: 'report', entity_id: 'r/1', attempts: 5,
      batch_id: batchRef(dead.owner, '1-0'), retry_count: 5, max_retries: 5, last_error: 'TypeError',
    }]);
    expect((await ask(world, { query: 'pending_actions' })).rows).toEqual([{
      ...known, client_id: 'b', action_type: 'nonsense', entity_type: 'unicorn', entity_id: null, attempts: 1,
      batch_id: batchRef(dead.owner, '2-0'),
    }]);
  });

  test('give every action once, whatever the size of pages and batches', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.integer({ min: 1, max: 9 }), async (counts, limit) => {
        const world = createWorld();
        for (const [i, count] of counts.entries()) {
          const actions = Array.from({ length: count }, (_, j) => entry(`a-${i}-${j}`));
          await putBatch(world, { owner: { user: `user-${i % 5}`, device: 'phone' }, batchId: `${i}-0`, actions, dueAt: START_MS + (i % 7) });
        }
        const rows = await askAll(world, { query: 'pending_actions', limit });
        const all = counts.flatMap((count, i) => Array.from({ length: count }, (_, j) => `a-${i}-${j}`));
        expect(clientsOf(rows)).toEqual(all.sort());
      }),
      { numRuns: 30 },
    );
  });

  test('filter by user, device, type, record and time of acceptance', async () => {
    const world = createWorld();
    const minute = (m: number) => new Date(START_MS + m * MINUTE).toISOString();
    for (const [i, user] of ['alice', 'bob', 'carl'].entries()) {
      for (const device of ['phone', 'tablet']) {
        const owner = { user, device };
        await putBatch(world, { owner, acceptedAt: START_MS + i * MINUTE, actions: [entry(`${user}-${device}`, `r-${user}`)] });
      }
    }
    const clients = async (params: AdminQueryRequest['params']) => clientsOf(await askAll(world, { query: 'pending_actions', params }));
    expect(await clients({ user: 'bob' })).toEqual(['bob-phone', 'bob-tablet']);
    expect(await clients({ user: 'bob', device_id: 'phone' })).toEqual(['bob-phone']);
    await putBatch(world, { owner: { user: 'bob', device: 'phone' }, batchId: '2-0', state: 'dead', actions: [entry('dead')] });
    expect(await clients({ user: 'bob', device_id: 'phone' })).toEqual(['bob-phone']);
    expect(await clients({ device_id: 'phone' })).toEqual(['alice-phone', 'bob-phone', 'carl-phone']);
    expect(await clients({ entity_id: 'r-carl' })).toEqual(['carl-phone', 'carl-tablet']);
    expect(await clients({ entity_type: 'task' })).toEqual([]);
    expect(await clients({ since: minute(1), until: minute(2) })).toEqual(['bob-phone', 'bob-tablet']);
  });
});

describe('sync_activity and device', () => {
  async function worldWithDevices(): Promise<World> {
    const world = createWorld();
    const { devices, inbox, conflicts } = world.ports;
    const info = { platform: 'android', app_version: '2.1', model: 'X', os_version: '14' };
    await devices.countUpload('alice', 'phone', { at: START_MS, info, presented: 0 });
    await devices.noteDownload('alice', 'tablet', { at: START_MS + MINUTE, counts: true, presented: 0 });
    await devices.countUpload('bob', 'phone', { at: START_MS, info: {}, presented: 0 });
    await putBatch(world, { batchId: '1-0', state: 'dead', attempts: 5, lastError: 'RangeError', actions: [entry('a'), entry('b')] });
    await putBatch(world, { batchId: '2-0', actions: [entry('c')] });
    expect((await inbox.headers({ user: 'alice', device: 'phone' })).length).toBe(2);
    for (const id of ['c-1', 'c-2']) await conflicts.put(conflict({ id }));
    await conflicts.put(conflict({ id: 'c-3', status: 'resolved' }));
    await conflicts.put(conflict({ id: 'c-4', device: 'tablet' }));
    return world;
  }

  test('list every device with what it did and what it waits for', async () => {
    const world = await worldWithDevices();
    const rows = await askAll(world, { query: 'sync_activity', limit: 1 });
    expect(rows[0]).toEqual({
      user: 'alice', device_id: 'phone', sync_count: 1, last_sync: '2030-01-01T00:00:00.000Z', last_upload: '2030-01-01T00:00:00.000Z',
      last_download: null, pending: 1, platform: 'android', app_version: '2.1',
    });
    expect(rows.map(({ user, device_id }) => [user, device_id])).toEqual([['alice', 'phone'], ['alice', 'tablet'], ['bob', 'phone']]);
    expect(column(await askAll(world, { query: 'sync_activity', params: { device_id: 'phone' } }), 'user')).toEqual(['alice', 'bob']);
    const since = new Date(START_MS + 1).toISOString();
    expect(column(await askAll(world, { query: 'sync_activity', params: { since } }), 'device_id')).toEqual(['tablet']);
  });

  test('show all about one device', async () => {
    const world = await worldWithDevices();
    const [row, ...more] = (await ask(world, { query: 'device', params: { user: 'alice', device_id: 'phone' } })).rows;
    expect(more).toEqual([]);
    expect(row).toMatchObject({
      user: 'alice', device_id: 'phone', platform: 'android', os_version: '14', model: 'X', pending: 1, failed: 2, unresolved_conflicts: 2,
      pending_batches: [{ batch_id: batchRef({ user: 'alice', device: 'phone' }, '2-0'), actions: 1, scope: 'user:alice', next_send_at: '2030-01-01T00:02:00.000Z' }],
      dead_batches: [{ batch_id: batchRef({ user: 'alice', device: 'phone' }, '1-0'), actions: 2, attempts: 5, last_error: 'RangeError', next_send_at: null }],
      conflict_ids: ['c-1', 'c-2'],
    });
  });

  test('show all devices of a user, and none of a user or device that was never seen', async () => {
    const world = await worldWithDevices();
    expect(column(await askAll(world, { query: 'device', params: { user: 'alice' }, limit: 1 }), 'device_id')).toEqual(['phone', 'tablet']);
    expect((await ask(world, { query: 'device', params: { user: 'alice', device_id: 'watch' } })).rows).toEqual([]);
    expect((await ask(world, { query: 'device', params: { user: 'zoe' } })).rows).toEqual([]);
  });
});

describe('unresolved_conflicts', () => {
  test('lists open ones of everybody, oldest first, with their user and the record', async () => {
    const world = createWorld();
    await world.ports.entities.put(report());
    await world.ports.conflicts.put(conflict({ id: 'c-9', detectedAt: START_MS }));
    await world.ports.conflicts.put(conflict({ id: 'c-1', user: 'bob', detectedAt: START_MS + 1 }));
    await world.ports.conflicts.put(conflict({ id: 'c-2', status: 'resolved' }));
    const rows = await askAll(world, { query: 'unresolved_conflicts', limit: 1 });
    expect(rows.map(({ user, id }) => [user, id])).toEqual([['alice', 'c-9'], ['bob', 'c-1']]);
    expect(rows[0]).toMatchObject({ conflicting_fields: ['title'], record: { entity_id: 'r-1', title: 'A hole' } });
  });

  test('leaves out what the index still names but is resolved', async () => {
    const world = createWorld();
    await world.ports.conflicts.put(conflict({ id: 'c-1' }));
    const stale = { ...world.deps.conflicts, listOpen: async () => ({ keys: [{ user: 'alice', id: 'c-1' }, { user: 'alice', id: 'gone' }] }) };
    await world.ports.conflicts.put(conflict({ id: 'c-1', status: 'resolved', n: 9 }));
    expect((await adminQuery({ ...world.deps, conflicts: stale }, ADMIN, { query: 'unresolved_conflicts' })).rows).toEqual([]);
  });

  test('gives each of many pages once, and filters by user, record and number', async () => {
    const world = createWorld();
    for (let i = 0; i < 450; i++) {
      await world.ports.conflicts.put(conflict({ id: `c-${i}`, user: `user-${i % 50}`, serverId: i, entityId: `r-${i}`, detectedAt: START_MS + (i % 13) }));
    }
    const ids = column(await askAll(world, { query: 'unresolved_conflicts', limit: 70 }), 'id');
    expect(ids.length).toBe(450);
    expect(new Set(ids).size).toBe(450);
    const filtered = async (params: AdminQueryRequest['params']) => column(await askAll(world, { query: 'unresolved_conflicts', params }), 'id');
    expect((await filtered({ user: 'user-7' })).length).toBe(9);
    expect(await filtered({ entity_id: 77 })).toEqual(['c-77']);
    expect(await filtered({ entity_id: 'r-77' })).toEqual(['c-77']);
  });
});

test('the queries that admins may ask all have an answer', async () => {
  const world = createWorld();
  const params = { user: 'alice', entity_type: 'report', entity_id: 'r-1', client_id: 'a', batch_id: batchRef({ user: 'alice', device: 'phone' }, '1-0') };
  for (const query of ADMIN_QUERIES) {
    expect(await ask(world, { query, params })).toMatchObject({ success: true, query, next_cursor: null });
  }
});
