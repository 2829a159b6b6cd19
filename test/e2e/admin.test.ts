import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/protocol/json.ts';
import { action, admin, again, citizen, fresh, invoke, officer, type Person } from '../support/people.ts';

const ISO = expect.stringMatching(/^\d{4}-\d{2}-\d{2}T.*Z$/);
const COUNT = expect.toSatisfy((value: unknown) => Number.isInteger(value) && Number(value) >= 0, 'a count');

type Rows = { rows: JsonObject[]; next_cursor: string | null };

/** Two devices, a conflict between them, and a refusal. */
async function busy() {
  const alice = await citizen();
  const [phone, tablet] = [alice.phone(), alice.phone()];
  const id = phone.create('report', { title: 'Pothole', category: 'roads' }).client_id;
  await phone.sync();
  await tablet.sync();
  phone.edit('report', id, { title: 'Deep' });
  tablet.edit('report', id, { title: 'Wide' });
  await phone.push();
  await tablet.push();
  const device_info = { platform: 'android', os_version: '15', model: 'Pixel', app_version: '1.2.3' };
  const refused = action({ data: { title: '' } });
  await alice.upload([refused], { device_id: phone.deviceId, device_info });
  return { alice, phone, tablet, id, refused };
}

describe('an admin’s queries', () => {
  let root: Person;
  let story: Awaited<ReturnType<typeof busy>>;
  beforeAll(async () => {
    root = await admin();
    story = await busy();
  });

  async function ask(query: string, params: JsonObject = {}, more: JsonObject = {}): Promise<Rows> {
    const { status, body } = await root.api.request('POST', 'admin/query', { body: { query, params, ...more } });
    expect(status).toBe(200);
    expect(body).toMatchObject({ success: true, query, next_cursor: null });
    return body as Rows;
  }

  it('overview: one row of counts', async () => {
    const { rows } = await ask('overview');
    expect(rows).toEqual([{ pending: COUNT, failed: COUNT, unresolved_conflicts: COUNT, devices: COUNT }]);
    expect(Number(rows[0]?.['devices'])).toBeGreaterThanOrEqual(2);
    expect(Number(rows[0]?.['unresolved_conflicts'])).toBeGreaterThanOrEqual(1);
  });

  it('sync_activity: every column of a device', async () => {
    const { rows } = await ask('sync_activity', { user: story.alice.sub, device_id: story.phone.deviceId });
    expect(rows).toEqual([
      {
        user: story.alice.sub,
        device_id: story.phone.deviceId,
        sync_count: expect.any(Number),
        last_sync: ISO,
        last_upload: ISO,
        last_download: ISO,
        pending: 0,
        platform: 'android',
        app_version: '1.2.3',
      },
    ]);
    expect(Number(rows[0]?.['sync_count'])).toBeGreaterThanOrEqual(4);
  });

  it('unresolved_conflicts: the conflict with its user, until it is resolved', async () => {
    const { rows } = await ask('unresolved_conflicts', { user: story.alice.sub });
    const [own] = await story.alice.api.conflicts();
    expect(rows).toEqual([{ user: story.alice.sub, ...own }]);
  });

  it('device: state, what waits and what is in question', async () => {
    const { rows } = await ask('device', { user: story.alice.sub, device_id: story.tablet.deviceId });
    expect(rows).toMatchObject([
      { user: story.alice.sub, device_id: story.tablet.deviceId, pending: 0, failed: 0, unresolved_conflicts: 1, pending_batches: [], dead_batches: [] },
    ]);
  });

  it('user_actions: every outcome of a user, refusals too', async () => {
    const { rows } = await ask('user_actions', { user: story.alice.sub });
    expect(rows).toHaveLength(4);
    expect(rows.find((row) => row['client_id'] === story.refused.client_id)).toMatchObject({
      device_id: story.phone.deviceId,
      action_type: 'create_report',
      status: 'rejected',
      code: 'validation_failed',
      accepted_at: ISO,
      done_at: ISO,
    });
    expect(rows.map((row) => row['status']).sort()).toEqual(['conflict', 'rejected', 'success', 'success']);
  });

  it('record_history: who did what to a record, in order', async () => {
    const { rows } = await ask('record_history', { entity_type: 'report', entity_id: story.id, user: story.alice.sub });
    expect(rows.map(({ change, fields, status, device_id }) => ({ change, fields, status, device_id }))).toEqual([
      { change: 'created', fields: ['category', 'status', 'title'], status: 'success', device_id: story.phone.deviceId },
      { change: 'updated', fields: ['title'], status: 'success', device_id: story.phone.deviceId },
      { change: 'none', fields: [], status: 'conflict', device_id: story.tablet.deviceId },
    ]);
  });

  it('pending_actions and failed_actions: nothing of this user', async () => {
    expect((await ask('pending_actions', { user: story.alice.sub })).rows).toEqual([]);
    expect((await ask('failed_actions', { user: story.alice.sub })).rows).toEqual([]);
  });

  it('usage: what was done today, counted from the streams', async () => {
    const today = async () => (await ask('usage')).rows.at(-1) ?? {};
    // Of the whole stack: other tests work too. This story alone is four actions of two devices.
    await expect.poll(async () => Number((await today())['actions']), { timeout: 30_000 }).toBeGreaterThanOrEqual(4);
    await expect.poll(async () => Number((await today())['devices']), { timeout: 30_000 }).toBeGreaterThanOrEqual(2);
    const row = await today();
    expect(row).toMatchObject({ day: new Date().toISOString().slice(0, 10), success: COUNT, conflict: COUNT, rejected: COUNT, bytes_in: COUNT, bytes_out: COUNT });
    expect(Number(row['success_rate'])).toBeGreaterThan(0);
    expect(Number(row['success'])).toBeLessThanOrEqual(Number(row['actions']));
    for (const name of ['conflict', 'rejected', 'bytes_in', 'bytes_out', 'uploads', 'downloads']) expect(Number(row[name])).toBeGreaterThan(0);
  });

  it('come page by page', async () => {
    const seen: Json[] = [];
    let cursor: string | null = null;
    do {
      const { body } = await root.api.request('POST', 'admin/query', {
        body: { query: 'user_actions', params: { user: story.alice.sub }, limit: 3, cursor },
      });
      const page: Rows = body as Rows;
      expect(page.rows.length).toBeLessThanOrEqual(3);
      seen.push(...page.rows);
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect(seen).toEqual((await ask('user_actions', { user: story.alice.sub })).rows);
  });

  it('answer an invocation of the function like the route', async () => {
    const event = { query: 'user_actions', params: { user: story.alice.sub } };
    const { body } = await root.api.request('POST', 'admin/query', { body: event });
    expect(await invoke('admin-query', event)).toEqual(body);
    expect(await invoke('admin-query', { query: 'dragons' })).toMatchObject({ status: 422, code: 'validation_failed' });
  });

  it.each<[string, JsonObject, string]>([
    ['a query that does not exist', { query: 'dragons' }, '/query'],
    ['device without a user', { query: 'device' }, '/params/user'],
    ['record_history without a type', { query: 'record_history', params: { entity_id: 'x' } }, '/params/entity_type'],
    ['a limit of 0', { query: 'overview', limit: 0 }, '/limit'],
  ])('refuse %s with a pointer', async (_, body, pointer) => {
    const answer = await root.api.request('POST', 'admin/query', { body });
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({ code: 'validation_failed', errors: [expect.objectContaining({ pointer })] });
  });

  it('are for admins only', async () => {
    for (const person of [story.alice, await officer('roads')]) {
      for (const [path, body] of [['admin/query', { query: 'overview' }], ['admin/redrive', { all: true }]] as const) {
        const answer = await person.api.request('POST', path, { body });
        expect(answer.status).toBe(403);
        expect(answer.body).toMatchObject({ code: 'forbidden' });
      }
    }
  });
});

describe('an admin', () => {
  it('settles anybody’s conflict, and every device hears of it', async () => {
    const { alice, tablet, id } = await busy();
    const root = await admin();
    const [conflict] = await alice.api.conflicts();
    const { conflict: resolved, record } = await root.api.resolve({ conflict_id: conflict?.id ?? '', strategy: 'client_wins' });
    expect(resolved).toMatchObject({ status: 'resolved', resolved_by: root.sub });
    expect(record).toMatchObject({ title: 'Wide', home: alice.home });
    await tablet.pull();
    expect(tablet.holdings.find('report', id)).toMatchObject({ title: 'Wide', updated_by: root.sub });
    expect(await alice.api.conflicts()).toEqual([]);
    const gone = await root.api.request('POST', 'admin/query', { body: { query: 'unresolved_conflicts', params: { user: alice.sub } } });
    expect(gone.body).toMatchObject({ rows: [] });
  });

  it('downloads no more than anybody: others’ records only by query', async () => {
    const { alice, id } = await busy();
    const root = await admin();
    expect((await root.api.download({ device_id: 'desk' })).data['reports']).toEqual([]);
    expect((await root.api.request('GET', `sync/records/report/${id}`)).status).toBe(404);
    const asCitizen = await again(alice, { role: 'citizen' });
    expect((await asCitizen.api.request('GET', `sync/records/report/${id}`)).status).toBe(200);
  });
});

describe('redrive', () => {
  it('needs to be told what, and passes over what is not there', async () => {
    const root = await admin();
    const post = async (body: JsonObject) => root.api.request('POST', 'admin/redrive', { body });
    const nothing = await post({});
    expect(nothing.status).toBe(422);
    expect(nothing.body).toMatchObject({ code: 'validation_failed', errors: [{ pointer: '/batch_ids', code: 'required' }] });
    const unknown = await post({ batch_ids: [fresh('batch'), Buffer.from(JSON.stringify(['u', 'd', randomUUID()])).toString('base64url')] });
    expect(unknown.status).toBe(200);
    expect(unknown.body).toEqual({ success: true, redriven: 0, discarded: 0 });
    expect((await post({ all: true, discard: true })).body).toEqual({ success: true, redriven: 0, discarded: 0 });
    expect(await invoke('admin-query', { redrive: { all: true } })).toEqual({ success: true, redriven: 0, discarded: 0 });
  });
});
