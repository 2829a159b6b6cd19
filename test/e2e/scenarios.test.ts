import { describe, expect, it } from 'vitest';
import type { Phone } from '../../local/demo/phone.ts';
import type { Strategy } from '../../src/protocol/primitives.ts';
import { citizen, fresh, officer, type Person } from '../support/people.ts';

const report = (title: string, category = 'roads') => ({ title, category, latitude: 23.3441, longitude: 85.3096 });

// The three scenarios that the backend was ordered with, and the one with officers.

describe('a report created offline', () => {
  it('is there with a server_id after the upload, and on every device after its download', async () => {
    const alice = await citizen();
    const [phone, tablet] = [alice.phone(), alice.phone({ follow: 'since' })];
    const { client_id } = phone.create('report', report('Street light'));
    expect(phone.shown('report', client_id)).toMatchObject({ title: 'Street light' });
    const answer = await phone.sync();
    const [result] = answer?.results ?? [];
    expect(result).toMatchObject({ client_id, status: 'success', server_id: expect.toSatisfy(Number.isInteger) });
    expect(phone.outbox).toEqual([]);
    await tablet.sync();
    for (const { holdings } of [phone, tablet]) {
      expect(holdings.all()).toMatchObject([{ id: result?.server_id, entity_id: client_id, title: 'Street light', created_by: alice.sub }]);
    }
    expect(await alice.api.status(phone.deviceId)).toMatchObject({ pending_uploads: 0, sync_health: 'good' });
  });
});

describe('three days offline', () => {
  it('with ten reports and five edits of the profile sync in one upload, in order, with nothing pending', async () => {
    const alice = await citizen();
    const threeDaysAgo = Date.now() - 3 * 24 * 3600_000;
    let offlineMs = 0;
    const phone = alice.phone({ now: () => threeDaysAgo + (offlineMs += 3600_000) });
    for (let i = 0; i < 10; i++) {
      phone.create('report', report(`Report ${i}`));
      if (i % 2 === 1) phone.act({ action_type: 'update_profile', entity_type: 'profile', data: { name: `Alice ${i}`, language: 'en' } });
    }
    const answer = await phone.sync();
    expect(answer?.results).toHaveLength(15);
    expect(answer?.results.every((result) => result.status === 'success' && Number.isInteger(result.server_id))).toBe(true);
    expect(answer?.conflicts).toEqual([]);
    const titles = phone.holdings.ofType('report').map((record) => record['title']);
    expect(titles.sort()).toEqual(Array.from({ length: 10 }, (_, i) => `Report ${i}`));
    expect(new Set(phone.holdings.ofType('report').map((record) => record.id)).size).toBe(10);
    expect(phone.holdings.ofType('profile')).toMatchObject([{ entity_id: alice.sub, name: 'Alice 9', language: 'en' }]);
    expect(await alice.api.status(phone.deviceId)).toMatchObject({ pending_uploads: 0, failed_uploads: 0, conflicts: 0, sync_health: 'good' });
  });
});

describe('one report, edited on two devices offline', () => {
  /** Both hold the report; each edited its title; the phone has synced its edit. */
  async function contested(): Promise<{ alice: Person; phone: Phone; tablet: Phone; id: string }> {
    const alice = await citizen();
    const [phone, tablet] = [alice.phone(), alice.phone()];
    const id = phone.create('report', { ...report('Pothole'), description: 'one\ntwo\nthree' }).client_id;
    await phone.sync();
    await tablet.sync();
    const base = { description: 'one\ntwo\nthree' };
    const earlier = new Date(Date.now() - 60_000).toISOString();
    phone.edit('report', id, { title: 'Deep pothole', description: 'ONE\ntwo\nthree' }, { base, timestamp: earlier });
    tablet.edit('report', id, { title: 'Wide pothole', description: 'one\ntwo\nTHREE' }, { base });
    expect((await phone.sync())?.results).toMatchObject([{ status: 'success' }]);
    return { alice, phone, tablet, id };
  }

  async function expectOnBoth({ phone, tablet, id }: { phone: Phone; tablet: Phone; id: string }, fields: object): Promise<void> {
    await phone.sync();
    await tablet.sync();
    expect(phone.holdings.all()).toEqual(tablet.holdings.all());
    expect(phone.holdings.find('report', id)).toMatchObject(fields);
  }

  const server = { title: 'Deep pothole', description: 'ONE\ntwo\nthree' };
  const client = { title: 'Wide pothole', description: 'one\ntwo\nTHREE' };
  const merged = { title: 'Wide pothole', description: 'ONE\ntwo\nTHREE' };

  it.each<[Strategy, string, object, number]>([
    ['server_wins', 'conflict', server, 0],
    ['client_wins', 'success', client, 0],
    ['merge', 'success', merged, 0],
    ['manual', 'conflict', server, 1],
  ])('with %s on the upload ends as %s, the same on both devices', async (strategy, status, fields, open) => {
    const world = await contested();
    const answer = await world.tablet.sync({ conflict_strategy: strategy });
    expect(answer?.results).toMatchObject([{ status, conflict_id: expect.any(String) }]);
    expect(answer?.results[0]?.resolution).toBe(strategy === 'manual' ? 'unresolved' : strategy);
    expect(answer?.conflicts).toMatchObject([
      {
        kind: 'update_update',
        conflicting_fields: ['description', 'title'],
        client_data: client,
        server_data: server,
        status: open ? 'unresolved' : 'resolved',
        strategy: open ? null : strategy,
      },
    ]);
    await expectOnBoth(world, fields);
    expect(await world.alice.api.conflicts()).toHaveLength(open);
    expect(await world.alice.api.status(world.tablet.deviceId)).toMatchObject({ conflicts: open, sync_health: open ? 'conflicts' : 'good' });
  });

  it.each<[Strategy, object, object]>([
    ['server_wins', {}, server],
    ['client_wins', {}, client],
    ['merge', {}, merged],
    ['manual', { resolved_data: { title: 'Deep and wide', description: 'all' } }, { title: 'Deep and wide', description: 'all' }],
  ])('with no strategy is one question; a person’s %s is downloaded by both', async (strategy, more, fields) => {
    const world = await contested();
    const answer = await world.tablet.sync();
    expect(answer?.results).toMatchObject([{ status: 'conflict', resolution: 'unresolved' }]);
    expect(await world.alice.api.status(world.tablet.deviceId)).toMatchObject({ conflicts: 1, sync_health: 'conflicts' });
    await expectOnBoth(world, server);
    const [open] = await world.alice.api.conflicts({ device_id: world.tablet.deviceId });
    if (!open) throw new Error('there is no open conflict');
    expect(open).toMatchObject({ client_data: client, server_data: server, base_data: { description: 'one\ntwo\nthree' } });
    const { conflict, record } = await world.alice.api.resolve({ conflict_id: open.id, strategy, ...more });
    expect(conflict).toMatchObject({ id: open.id, status: 'resolved', strategy, resolved_by: world.alice.sub, resolved_data: fields });
    expect(record).toMatchObject(fields);
    await expectOnBoth(world, fields);
    expect(await world.alice.api.conflicts()).toEqual([]);
    expect(await world.alice.api.status(world.tablet.deviceId)).toMatchObject({ conflicts: 0, sync_health: 'good' });
  });

  it('of different fields needs nobody: both edits stand, and the second says that it was merged', async () => {
    const alice = await citizen();
    const [phone, tablet] = [alice.phone(), alice.phone()];
    const id = phone.create('report', report('Pothole')).client_id;
    await phone.sync();
    await tablet.sync();
    phone.edit('report', id, { title: 'Deep pothole' });
    tablet.edit('report', id, { tags: ['urgent'] });
    await phone.sync();
    expect((await tablet.sync())?.results).toMatchObject([{ status: 'success', merged: true }]);
    await expectOnBoth({ phone, tablet, id }, { title: 'Deep pothole', tags: ['urgent'] });
  });
});

describe('a citizen and the officers of the department', () => {
  it('see each other’s changes: the new report, then its status', async () => {
    const department = fresh('roads');
    const [alice, olga] = await Promise.all([citizen(), officer(department)]);
    const [phone, desk] = [alice.phone(), olga.phone()];
    await desk.pull();
    const id = phone.create('report', report('Pothole', department)).client_id;
    await phone.sync();
    await expect.poll(async () => (await desk.pull(), desk.holdings.find('report', id)), { timeout: 20_000 }).toMatchObject({
      title: 'Pothole',
      status: 'received',
      scope: `department:${department}`,
      home: alice.home,
      created_by: alice.sub,
    });
    desk.edit('report', id, { status: 'in_progress', resolution_note: 'A team is on its way.' });
    expect((await desk.push())?.results).toMatchObject([{ status: 'success', home: alice.home }]);
    // The change is in the citizen's own scope: the next download has it.
    await phone.pull();
    expect(phone.holdings.find('report', id)).toMatchObject({
      status: 'in_progress',
      resolution_note: 'A team is on its way.',
      updated_by: olga.sub,
    });
    await expect.poll(async () => (await desk.pull(), desk.holdings.find('report', id)?.['status']), { timeout: 20_000 }).toBe('in_progress');
  });
});
