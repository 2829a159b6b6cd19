import { describe, expect, test } from 'vitest';
import { ADMIN_ROWS } from '../../../src/protocol/admin-rows.ts';
import type { AdminQueryRequest, AdminRow } from '../../../src/protocol/admin.ts';
import { adminQuery } from '../../../src/service/admin-query.ts';
import { batchRef } from '../../../src/service/batch-ref.ts';
import { createWorld, type World } from '../../support/world.ts';
import { ADMIN, ALICE, entry, MINUTE, putBatch, START_MS } from './rows.ts';

async function ask(world: World, request: AdminQueryRequest): Promise<AdminRow[]> {
  const { rows } = await adminQuery(world.deps, ADMIN, request);
  for (const row of rows) expect(ADMIN_ROWS[request.query].safeParse(row).error).toBeUndefined();
  return rows;
}

const OWNER = { user: 'alice', device: 'phone' };

/** A dead batch of two actions, and one that waits behind it. */
async function stuck(world: World): Promise<void> {
  await world.ports.devices.countUpload('alice', 'phone', { at: START_MS, info: { model: 'Pixel' }, presented: 0 });
  await putBatch(world, { batchId: '1-0', state: 'dead', attempts: 5, lastError: 'TypeError', actions: [entry('a', 'r-1'), entry('b', 'r-2')] });
  await putBatch(world, { batchId: '2-0', actions: [entry('c', 'r-1')] });
}

describe('the queries action and batch', () => {
  test('show a dead action with its payload and the reason', async () => {
    const world = createWorld();
    await stuck(world);
    const shown = {
      client_id: 'b', user: 'alice', device_id: 'phone', batch_id: batchRef(OWNER, '1-0'), state: 'failed', entity_id: 'r-2', home: 'user:alice',
      data: { title: 'A hole', category: 'roads' }, base: null, last_error: 'TypeError', retry_count: 5, max_retries: 5, status: null, next_send_at: null,
    };
    expect(await ask(world, { query: 'action', params: { user: 'alice', client_id: 'b' } })).toMatchObject([shown]);
    const rows = await ask(world, { query: 'batch', params: { batch_id: batchRef(OWNER, '1-0') } });
    expect(rows).toMatchObject([{ client_id: 'a' }, shown]);
  });

  test('show what waits, and what is done with its outcome', async () => {
    const world = createWorld();
    await stuck(world);
    expect(await ask(world, { query: 'action', params: { user: 'alice', client_id: 'c' } })).toMatchObject([
      { state: 'pending', next_send_at: new Date(START_MS + 2 * MINUTE).toISOString(), data: { title: 'A hole' } },
    ]);
    await world.server(ALICE).upload({ device_id: 'tablet', actions: [{ client_id: 'd', action_type: 'create_report', entity_type: 'report', data: {} }] });
    await world.settle();
    expect(await ask(world, { query: 'action', params: { user: 'alice', client_id: 'd' } })).toMatchObject([
      { state: 'done', status: 'rejected', code: 'validation_failed', errors: expect.arrayContaining([expect.objectContaining({ pointer: expect.any(String) })]), data: null },
    ]);
  });

  test('find a decision that waits: it stands under no device', async () => {
    const world = createWorld();
    await putBatch(world, { owner: { user: 'alice', device: '~resolve' }, actions: [entry('decision')] });
    expect(await ask(world, { query: 'action', params: { user: 'alice', client_id: 'decision' } })).toMatchObject([{ state: 'pending', device_id: '~resolve' }]);
  });

  test('have no rows for what is not there, and say what they need', async () => {
    const world = createWorld();
    await stuck(world);
    expect(await ask(world, { query: 'action', params: { user: 'bob', client_id: 'a' } })).toEqual([]);
    expect(await ask(world, { query: 'batch', params: { batch_id: batchRef(OWNER, '9-0') } })).toEqual([]);
    expect(await ask(world, { query: 'batch', params: { batch_id: 'nonsense' } })).toEqual([]);
    for (const [query, params, pointer] of [
      ['action', { client_id: 'a' }, '/params/user'], ['action', { user: 'alice' }, '/params/client_id'], ['batch', {}, '/params/batch_id'],
    ] as const) {
      await expect(ask(world, { query, params })).rejects.toMatchObject({ code: 'validation_failed', errors: [{ pointer }] });
    }
  });
});

describe('filters and details', () => {
  test('sync_activity tells a device’s health when asked, and filters by it', async () => {
    const world = createWorld();
    await stuck(world);
    await world.ports.devices.countUpload('bob', 'phone', { at: START_MS, info: {}, presented: 0 });
    const devices = (params: AdminQueryRequest['params']) => ask(world, { query: 'sync_activity', params });
    expect(await devices({ details: true, user: 'alice' })).toMatchObject([
      { user: 'alice', pending: 1, failed: 2, sync_health: 'failing', model: 'Pixel', unresolved_conflicts: 0 },
    ]);
    expect(Object.keys((await devices({ user: 'alice' }))[0] ?? {}).toSorted()).toEqual(
      ['app_version', 'device_id', 'last_download', 'last_sync', 'last_upload', 'pending', 'platform', 'sync_count', 'user'],
    );
    expect((await devices({ status: 'failing' })).map(({ user }) => user)).toEqual(['alice']);
    expect((await devices({ status: 'good' })).map(({ user }) => user)).toEqual(['bob']);
  });

  test('user_actions and record_history filter by outcome; overview says since when something waits', async () => {
    const world = createWorld();
    const upload = (actions: object[]) => world.server(ALICE).upload({ device_id: 'phone', actions: actions as never });
    await upload([
      { client_id: 'r', action_type: 'create_report', entity_type: 'report', data: { title: 'A', category: 'roads' } },
      { client_id: 'bad', action_type: 'update_report', entity_type: 'report', entity_id: 'r', data: { title: '' } },
    ]);
    const { summary } = await adminQuery(world.deps, ADMIN, { query: 'overview' });
    expect(summary).toEqual({ oldest_pending_at: new Date(world.clock.now()).toISOString(), stalled: 0 });
    await world.clock.advance(6 * MINUTE);
    expect((await adminQuery(world.deps, ADMIN, { query: 'overview' })).summary).toMatchObject({ stalled: 2 });
    await world.settle();
    expect((await adminQuery(world.deps, ADMIN, { query: 'overview' })).summary).toEqual({ oldest_pending_at: null, stalled: 0 });
    const ids = async (request: AdminQueryRequest) => (await ask(world, request)).map(({ client_id }) => client_id);
    expect(await ids({ query: 'user_actions', params: { user: 'alice', status: 'rejected' } })).toEqual(['bad']);
    expect(await ids({ query: 'user_actions', params: { user: 'alice', client_id: 'r' } })).toEqual(['r']);
    const record = { user: 'alice', entity_type: 'report', entity_id: 'r' };
    expect(await ids({ query: 'record_history', params: { ...record, status: 'success' } })).toEqual(['r']);
  });

  test('record_history shows the values that an action left', async () => {
    const world = createWorld();
    const create = { client_id: 'r', action_type: 'create_report', entity_type: 'report', data: { title: 'A', category: 'roads' } };
    await world.server(ALICE).upload({ device_id: 'phone', actions: [create] });
    await world.settle();
    const [row] = await ask(world, { query: 'record_history', params: { user: 'alice', entity_type: 'report', entity_id: 'r' } });
    expect(row).toMatchObject({ fields: ['category', 'status', 'title'], data: { category: 'roads', status: 'received', title: 'A' } });
  });
});
