import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { TokenClaims } from '../../../local/token/local-issuer.ts';
import { RealPhone } from '../../support/client/real-phone.ts';
import { fresh } from '../../support/people.ts';

const phones: RealPhone[] = [];

async function phone(claims: TokenClaims): Promise<RealPhone> {
  const made = await RealPhone.of(claims);
  phones.push(made);
  return made;
}

afterEach(async () => {
  await Promise.all(phones.splice(0).map((each) => each.dispose()));
});

describe('the scenarios of the mission, with the SDK over SQLite', () => {
  it('1: a report that is made offline syncs by itself and gets its server_id', async () => {
    const department = fresh('roads');
    const alice = await phone({ sub: fresh('alice'), role: 'citizen' });
    alice.offline = true;
    const made = await alice.sync.create('report', { title: 'Pothole on Main Street', category: department, latitude: 23.3441, longitude: 85.3096 });
    expect(await alice.sync.sync()).toMatchObject({ ok: false, halt: 'offline' });
    alice.restart();
    expect(await alice.sync.get('report', made.entity_id)).toMatchObject({ title: 'Pothole on Main Street', sync_status: 'pending', id: null });
    expect(await alice.sync.status.get()).toMatchObject({ online: false, pending: 1 });
    alice.offline = false;
    await alice.settle();
    expect(await alice.sync.get('report', made.entity_id)).toMatchObject({ sync_status: 'synced', id: expect.any(Number), status: 'received' });
    expect(await alice.sync.status.get()).toMatchObject({ online: true, pending: 0, failed: 0, health: 'good', lastSync: expect.any(String) });
    const olga = await phone({ sub: fresh('olga'), role: 'officer', departments: [department] });
    await expect.poll(async () => (await olga.settle(), olga.sync.list('report')), { timeout: 20_000 }).toMatchObject([{ entity_id: made.entity_id }]);
  });

  it('1, with photos: airplane mode in the middle of an upload, a kill, and then the officer sees both', async () => {
    const department = fresh('roads');
    const alice = await phone({ sub: fresh('alice'), role: 'citizen' });
    const olga = await phone({ sub: fresh('olga'), role: 'officer', departments: [department] });
    const photos = [randomBytes(400_000), randomBytes(50_000)].map((bytes) => new Uint8Array(bytes));
    alice.offline = true;
    const { entity_id: id } = await alice.sync.create('report', { title: 'Pothole', category: department });
    for (const bytes of photos) await alice.sync.attach(id, bytes, { contentType: 'image/jpeg' });
    alice.restart();
    expect(await alice.sync.photos.list(id)).toMatchObject([{ state: 'waiting', size: 400_000 }, { state: 'waiting', size: 50_000 }]);

    alice.offline = false;
    await alice.settle();
    alice.cutPhotos = 1;
    expect(await alice.sync.photos.send()).toMatchObject({ ok: false, halt: 'offline' });
    expect(await alice.sync.photos.list(id)).toMatchObject([{ state: 'waiting', sent: 200_000 }, { state: 'waiting', sent: 0 }]);
    alice.restart();
    alice.offline = false;
    // The report was not kept waiting by its photos.
    await expect.poll(async () => (await olga.settle(), olga.sync.list('report')), { timeout: 20_000 }).toMatchObject([{ entity_id: id }]);

    const both = async (each: RealPhone) => {
      await each.settle();
      await each.sync.photos.send();
      const record = (await each.sync.get('report', id)) as { attachment_states?: Record<string, string> } | undefined;
      return Object.values(record?.attachment_states ?? {});
    };
    for (const each of [alice, olga]) await expect.poll(() => both(each), { timeout: 20_000 }).toEqual(['ready', 'ready']);
    await alice.sync.photos.send();
    expect(await alice.sync.photos.list()).toEqual([]);
    const shown = await olga.sync.get<{ photos: string[] }>('report', id);
    const seen = await Promise.all(shown!.photos.map(async (attachment) => {
      const link = await olga.sync.photos.link(id, attachment);
      return Buffer.from(await (await fetch(link!.url)).arrayBuffer());
    }));
    expect(photos.every((bytes) => seen.some((found) => found.equals(bytes)))).toBe(true);
    expect(seen).toHaveLength(2);
  });

  it('2: a conflict of two devices is found, settled, and the same everywhere', async () => {
    const claims: TokenClaims = { sub: fresh('alice'), role: 'citizen' };
    const first = await phone(claims);
    const second = await phone(claims);
    const { entity_id: id } = await first.sync.create('report', { title: 'Pothole', category: 'roads', description: 'One\nTwo' });
    await first.settle();
    await second.settle();
    first.offline = second.offline = true;
    await first.sync.update('report', id, { title: 'Deep pothole' });
    await second.sync.update('report', id, { title: 'Two potholes', tags: { $add: ['urgent'] } });
    first.offline = second.offline = false;
    await first.settle();
    await second.settle();
    const [open] = await second.sync.conflicts.list();
    expect(open?.conflict).toMatchObject({ conflicting_fields: ['title'], client_data: { title: 'Two potholes' }, server_data: { title: 'Deep pothole' } });
    second.offline = true;
    await second.sync.conflicts.resolve(open?.conflict.id ?? '', { strategy: 'client_wins' });
    second.offline = false;
    await second.settle();
    await first.settle();
    for (const each of [first, second]) {
      expect(await each.sync.get('report', id)).toMatchObject({ title: 'Two potholes', tags: ['urgent'], sync_status: 'synced' });
      expect(await each.sync.status.get()).toMatchObject({ conflicts: 0, health: 'good' });
    }
  });

  it('3: ten reports and five changes of the profile of three days offline go up in one batch', async () => {
    const sub = fresh('alice');
    let time = Date.now() - 3 * 24 * 3600_000;
    const alice = await RealPhone.of({ sub, role: 'citizen' }, { now: () => time });
    phones.push(alice);
    alice.offline = true;
    for (let i = 1; i <= 10; i++) {
      await alice.sync.create('report', { title: `Report ${i}`, category: 'roads' });
      if (i % 2 === 0) await alice.sync.update('profile', undefined, { home_area: `Area ${i}` });
      time += 7 * 3600_000;
    }
    time = Date.now();
    expect(await alice.sync.status.get()).toMatchObject({ pending: 15 });
    alice.offline = false;
    await alice.settle();
    expect(await alice.sync.status.get()).toMatchObject({ pending: 0, failed: 0, health: 'good' });
    expect(await alice.sync.list('report')).toHaveLength(10);
    expect(await alice.sync.list('profile')).toMatchObject([{ entity_id: sub, home_area: 'Area 10' }]);
    // Upload, download, conflicts: one request each, and perhaps one more look at what was queued.
    expect(alice.requests).toBeLessThanOrEqual(6);
  });

  it('an officer reads cached reports and changes a task without a network', async () => {
    const department = fresh('roads');
    const alice = await phone({ sub: fresh('alice'), role: 'citizen' });
    const olga = await phone({ sub: fresh('olga'), role: 'officer', departments: [department] });
    await alice.sync.create('report', { title: 'Pothole', category: department });
    await alice.settle();
    const task = await olga.sync.create('task', { department, title: 'Fill the hole' });
    await expect.poll(async () => (await olga.settle(), (await olga.sync.list('report')).length), { timeout: 20_000 }).toBe(1);
    olga.offline = true;
    olga.restart();
    expect(await olga.sync.list('report', { where: { status: 'received' } })).toMatchObject([{ title: 'Pothole' }]);
    await olga.sync.update('task', task.entity_id, { status: 'in_progress' }, { action: 'update_task_status' });
    await olga.sync.update('task', task.entity_id, { visits: { $inc: 1 }, notes: 'Seen.' });
    expect(await olga.sync.get('task', task.entity_id)).toMatchObject({ status: 'in_progress', visits: 1, sync_status: 'pending' });
    olga.offline = false;
    await olga.settle();
    expect(await olga.sync.get('task', task.entity_id)).toMatchObject({ status: 'in_progress', visits: 1, notes: 'Seen.', sync_status: 'synced' });
  });
});
