import { describe, expect, it } from 'vitest';
import type { Phone } from '../../local/demo/phone.ts';
import type { DownloadResponse } from '../../src/protocol/download.ts';
import { again, citizen, fresh, officer, type Person } from '../support/people.ts';

const data = (title: string, category = 'roads') => ({ title, category });

/** A citizen with so many reports on the server. */
async function withReports(count: number): Promise<{ alice: Person; phone: Phone }> {
  const alice = await citizen();
  const phone = alice.phone();
  for (let i = 0; i < count; i++) phone.create('report', data(`Report ${i}`));
  await phone.push();
  return { alice, phone };
}

const recordsOf = (page: DownloadResponse) => Object.values(page.data).flat();

/** Waits until the device holds so many records: copies for departments follow their home. */
async function untilHeld(device: Phone, count: number): Promise<void> {
  await expect.poll(async () => (await device.pull(), device.holdings.all().length), { timeout: 30_000 }).toBe(count);
}

describe('pages', () => {
  it.each(['cursor', 'since'] as const)('by %s never exceed the limit, say has_more, and bring everything once (P5)', async (follow) => {
    const { alice } = await withReports(7);
    const tablet = alice.phone({ follow, limit: 3 });
    const pages = await tablet.pull();
    expect(pages.map((page) => recordsOf(page).length)).toEqual([3, 3, 1]);
    expect(pages.map((page) => page.has_more)).toEqual([true, true, false]);
    expect(tablet.holdings.all()).toHaveLength(7);
    expect(tablet.holdings.repeated).toBe(0);
    const stamps = pages.map((page) => Date.parse(page.sync_timestamp));
    expect(stamps).toEqual([...new Set(stamps)].sort((a, b) => a - b));
    expect(pages[0]?.scopes).toEqual({});
    expect(pages.at(-1)?.scopes).toEqual({ [alice.home]: expect.any(Number) });
  });

  it('with nothing new are empty, repeat the timestamp, and both ways on still work', async () => {
    const { alice, phone } = await withReports(1);
    const first = await phone.pullPage();
    const empty = await phone.pullPage();
    expect(recordsOf(empty)).toEqual([]);
    expect(empty).toMatchObject({ sync_timestamp: first.sync_timestamp, scopes: first.scopes, has_more: false, reset: [] });
    const tablet = alice.phone();
    tablet.create('report', data('new'));
    await tablet.push();
    const query = { device_id: phone.deviceId };
    const byCursor = await alice.api.download({ ...query, cursor: empty.cursor });
    expect(recordsOf(byCursor)).toMatchObject([{ title: 'new' }]);
    // Going on from a timestamp where another went on from the cursor: they may be mixed.
    const bySince = await alice.api.download({ ...query, since: empty.sync_timestamp });
    expect(recordsOf(bySince)).toEqual(recordsOf(byCursor));
    const after = await alice.api.download({ ...query, cursor: bySince.cursor });
    expect(recordsOf(after)).toEqual([]);
    expect(recordsOf(await alice.api.download({ ...query, since: byCursor.sync_timestamp }))).toEqual([]);
  });

  it('always have every collection, in data and in deleted', async () => {
    const alice = await citizen();
    const page = await alice.api.download({ device_id: 'new' });
    expect(page).toMatchObject({ data: { reports: [], tasks: [], profile: [] }, deleted: { reports: [], tasks: [], profile: [] }, reset: [] });
  });

  it('bring a record once with its newest image, and its deletion instead of it', async () => {
    const { alice, phone } = await withReports(1);
    await phone.pull();
    const [held] = phone.holdings.all();
    if (!held) throw new Error('the phone holds nothing');
    const tablet = alice.phone();
    for (const title of ['1', '2', '3']) {
      tablet.edit('report', held.entity_id, { title });
      await tablet.push();
    }
    expect(recordsOf(await phone.pullPage())).toMatchObject([{ entity_id: held.entity_id, title: '3' }]);
    tablet.edit('report', held.entity_id, { title: '4' });
    tablet.delete('report', held.entity_id);
    await tablet.push();
    const page = await phone.pullPage();
    expect(recordsOf(page)).toEqual([]);
    expect(page.deleted).toEqual({
      reports: [
        { id: held.id, entity_id: held.entity_id, version: expect.any(Number), scope: alice.home, home: alice.home, reason: 'deleted' },
      ],
      tasks: [],
      profile: [],
    });
    expect(page.deleted['reports']?.[0]?.version).toBeGreaterThan(held.version);
    expect(phone.holdings.all()).toEqual([]);
    expect(recordsOf(await alice.api.download({ device_id: 'fresh' }))).toEqual([]);
  });

  it('bring a device’s own changes back, for server_id and version are the server’s', async () => {
    const { phone } = await withReports(2);
    expect(recordsOf(await phone.pullPage())).toHaveLength(2);
  });
});

describe('types', () => {
  async function withProfile() {
    const { alice, phone } = await withReports(2);
    phone.act({ action_type: 'update_profile', entity_type: 'profile', data: { name: 'Alice' } });
    await phone.push();
    return alice;
  }

  it('give only those collections', async () => {
    const alice = await withProfile();
    const page = await alice.api.download({ device_id: 'tablet', types: 'profile' });
    expect(page.data).toEqual({ profile: [expect.objectContaining({ name: 'Alice', entity_id: alice.sub })] });
    expect(page.deleted).toEqual({ profile: [] });
  });

  it('that change on the way reset the scope, and bring what was left out', async () => {
    const alice = await withProfile();
    const first = await alice.api.download({ device_id: 'tablet', types: 'profile' });
    const wider = await alice.api.download({ device_id: 'tablet', types: 'profile,report', cursor: first.cursor });
    expect(wider.reset).toEqual([{ scope: alice.home, reason: 'types' }]);
    expect(recordsOf(wider)).toHaveLength(3);
    const same = await alice.api.download({ device_id: 'tablet', types: 'report,profile', cursor: wider.cursor });
    expect(same.reset).toEqual([]);
    expect(recordsOf(same)).toEqual([]);
  });

  it('that do not exist are refused', async () => {
    const { api } = await citizen();
    const { status, body } = await api.request('GET', 'sync/download', { query: { device_id: 'tablet', types: 'report,dragon' } });
    expect(status).toBe(422);
    expect(body).toMatchObject({ code: 'validation_failed', errors: [{ pointer: '/query/types' }] });
  });
});

describe('a place that the server does not know', () => {
  it.each([
    ['a since of another clock', { since: '2031-01-01T00:00:00Z' }],
    ['a since that is no time', { since: 'yesterday' }],
    ['a cursor that is none', { cursor: 'abc' }],
    ['a cursor of the future', { cursor: Buffer.from(JSON.stringify([1, 0, [], [['user:x', 9, 0]], 5, 5])).toString('base64url') }],
  ])('such as %s gets everything, never an error and never an empty page', async (_, place) => {
    const { alice } = await withReports(2);
    const page = await alice.api.download({ device_id: 'tablet', ...place });
    expect(recordsOf(page)).toHaveLength(2);
  });

  it('says reset unknown, so that the phone drops what it held', async () => {
    const { alice, phone } = await withReports(2);
    await phone.pull();
    const page = await alice.api.download({ device_id: phone.deviceId, since: '2031-01-01T00:00:00Z' });
    expect(page.reset).toEqual([{ scope: alice.home, reason: 'unknown' }]);
    phone.holdings.apply(page);
    expect(phone.holdings.all()).toHaveLength(2);
  });

  it('gets none of another user’s records with another user’s cursor (P10)', async () => {
    const { phone } = await withReports(2);
    const { cursor } = await phone.pullPage();
    const bob = await citizen('bob');
    const page = await bob.api.download({ device_id: 'tablet', cursor });
    expect(recordsOf(page)).toEqual([]);
    expect(Object.keys(page.scopes)).toEqual([bob.home]);
  });
});

describe('departments', () => {
  it('hand a report over when its category changes: it has left one and is in the other', async () => {
    const [roads, water] = [fresh('roads'), fresh('water')];
    const [alice, olga, wanda] = [await citizen(), await officer(roads), await officer(water)];
    const [phone, roadDesk, waterDesk] = [alice.phone(), olga.phone(), wanda.phone()];
    const id = phone.create('report', data('Pothole', roads)).client_id;
    await phone.sync();
    await untilHeld(roadDesk, 1);
    await waterDesk.pull();
    phone.edit('report', id, { category: water });
    await phone.sync();
    await untilHeld(waterDesk, 1);
    const pages: DownloadResponse[] = [];
    await expect
      .poll(async () => (pages.push(...(await roadDesk.pull())), roadDesk.holdings.all().length), { timeout: 30_000 })
      .toBe(0);
    expect(pages.flatMap((page) => page.deleted['reports'] ?? [])).toMatchObject([
      { entity_id: id, scope: `department:${roads}`, home: alice.home, reason: 'left' },
    ]);
    expect(waterDesk.holdings.all()).toMatchObject([{ entity_id: id, scope: `department:${water}`, category: water }]);
    // What left is unknown to them now, word for word (P10).
    const read = async (path: string) => {
      const { status, body } = await olga.api.request('GET', path);
      return { status, body: { ...(body as object), request_id: '' } };
    };
    expect(await read(`sync/records/report/${id}`)).toEqual(await read('sync/records/report/never-was'));
    roadDesk.edit('report', id, { resolution_note: 'mine' });
    expect((await roadDesk.push())?.results).toMatchObject([{ status: 'rejected', error: { code: 'not_found' } }]);
  });

  it('that an officer loses are reset as revoked; the others go on where they stood', async () => {
    const [roads, water] = [fresh('roads'), fresh('water')];
    const [alice, olga] = [await citizen(), await officer(roads, water)];
    const phone = alice.phone();
    phone.create('report', data('Pothole', roads));
    phone.create('report', data('Leak', water));
    await phone.push();
    const desk = olga.phone();
    await untilHeld(desk, 2);
    const moved = await again(olga, { role: 'officer', departments: [water] });
    const page = await moved.api.download({ device_id: desk.deviceId, ...(desk.cursor ? { cursor: desk.cursor } : {}) });
    expect(page.reset).toEqual([{ scope: `department:${roads}`, reason: 'revoked' }]);
    expect(recordsOf(page)).toEqual([]);
    desk.holdings.apply(page);
    expect(desk.holdings.all()).toMatchObject([{ title: 'Leak', scope: `department:${water}` }]);
    const next = await moved.api.download({ device_id: desk.deviceId, cursor: page.cursor });
    expect(next.reset).toEqual([]);
  });

  it('that an officer gains are there with all they hold, without a reset', async () => {
    const [roads, water] = [fresh('roads'), fresh('water')];
    const [alice, olga] = [await citizen(), await officer(roads)];
    const phone = alice.phone();
    phone.create('report', data('Leak', water));
    await phone.push();
    const desk = olga.phone();
    await desk.pull();
    const moved = (await again(olga, { role: 'officer', departments: [roads, water] })).phone({ deviceId: desk.deviceId });
    moved.cursor = desk.cursor;
    await untilHeld(moved, 1);
    expect(moved.holdings.all()).toMatchObject([{ title: 'Leak', scope: `department:${water}` }]);
  });
});

describe('one record', () => {
  it('is read by entity_id and by server_id, as it is downloaded', async () => {
    const { alice, phone } = await withReports(1);
    await phone.pull();
    const [held] = phone.holdings.all();
    for (const id of [held?.entity_id, held?.id]) {
      const { status, body } = await alice.api.request('GET', `sync/records/report/${id}`);
      expect(status).toBe(200);
      expect(body).toEqual({ success: true, record: held });
    }
  });

  it('that is foreign is 404 in the words for an unknown one (P10)', async () => {
    const { phone } = await withReports(1);
    await phone.pull();
    const [held] = phone.holdings.all();
    const bob = await citizen('bob');
    const read = async (type: string, id: unknown) => {
      const { status, body } = await bob.api.request('GET', `sync/records/${type}/${String(id)}`);
      expect(body).toMatchObject({ code: 'not_found' });
      return { status, body: { ...(body as object), request_id: '' } };
    };
    const unknown = await read('report', 'never-was');
    expect(unknown.status).toBe(404);
    expect(await read('report', held?.entity_id)).toEqual(unknown);
    expect(await read('report', held?.id)).toEqual(unknown);
    expect(await read('dragon', 'x')).toEqual(unknown);
  });
});
