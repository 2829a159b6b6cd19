import { beforeEach, describe, expect, it } from 'vitest';
import { NotOnDevice } from '../../client/src/domain.ts';
import { citizen, officer } from '../support/world.ts';
import { Backend } from '../support/client/backend.ts';
import { Device } from '../support/client/device.ts';

let backend: Backend;
let phone: Device;
let tablet: Device;

beforeEach(() => {
  backend = new Backend();
  phone = new Device(backend, citizen('alice'), 'phone');
  tablet = new Device(backend, citizen('alice'), 'tablet');
});

const POTHOLE = { title: 'Pothole', category: 'roads', description: 'Deep.\nWide.', tags: ['road'] };

describe('edits on the phone', () => {
  it('are shown at once, without a network', async () => {
    phone.offline = true;
    const created = await phone.sync.create('report', POTHOLE);
    expect(created).toMatchObject({ ...POTHOLE, status: 'received', id: null, version: null, sync_status: 'pending' });
    await phone.sync.update('report', created.entity_id, { title: 'Deep pothole', tags: { $add: ['deep'] } });
    expect(await phone.sync.get('report', created.entity_id)).toMatchObject({ title: 'Deep pothole', tags: ['road', 'deep'] });
    expect(await phone.sync.list('report')).toHaveLength(1);
    await phone.sync.delete('report', created.entity_id);
    expect(await phone.sync.list('report')).toEqual([]);
    expect(await phone.sync.sync()).toMatchObject({ ok: false, halt: 'offline' });
    expect(await phone.sync.status.get()).toMatchObject({ online: false, pending: 3, failed: 0, lastSync: null, health: 'good' });
  });

  it('reach the server and other devices, and get their server_id', async () => {
    const { entity_id: id } = await phone.sync.create('report', POTHOLE);
    await phone.synced();
    expect(await phone.sync.get('report', id)).toMatchObject({ ...POTHOLE, id: expect.any(Number), version: 1, home: 'user:alice', sync_status: 'synced' });
    expect(await phone.sync.outbox.list()).toEqual([]);
    await tablet.synced();
    expect(await tablet.sync.list('report')).toEqual(await phone.sync.list('report'));
  });

  it('of a record that was made offline follow it in order', async () => {
    phone.offline = true;
    const { entity_id: id } = await phone.sync.create('report', POTHOLE);
    for (const title of ['one', 'two', 'three']) await phone.sync.update('report', id, { title });
    const gone = await phone.sync.create('report', { title: 'A mistake', category: 'parks' });
    await phone.sync.delete('report', gone.entity_id);
    phone.offline = false;
    await phone.synced();
    await tablet.synced();
    expect((await tablet.sync.list('report')).map((report) => report['title'])).toEqual(['three']);
    expect(await phone.sync.list('report')).toEqual(await tablet.sync.list('report'));
    expect(await phone.sync.conflicts.list()).toEqual([]);
  });

  it('that change nothing are not sent', async () => {
    const { entity_id: id } = await phone.sync.create('report', POTHOLE);
    await phone.synced();
    await phone.sync.update('report', id, { title: 'Pothole', tags: ['road', 'road'] });
    expect(await phone.sync.outbox.list()).toEqual([]);
    const before = backend.requests.length;
    await phone.synced();
    expect(backend.requests.slice(before).map(({ path }) => path.split('/').at(-1))).toEqual(['download']);
  });

  it('go back to an old value although it is the server’s', async () => {
    const { entity_id: id } = await phone.sync.create('report', POTHOLE);
    await phone.synced();
    await phone.sync.update('report', id, { title: 'Not so' });
    await phone.sync.update('report', id, { title: 'Pothole' });
    await phone.synced();
    expect(await phone.sync.get('report', id)).toMatchObject({ title: 'Pothole', sync_status: 'synced' });
  });

  it('of what is not here are refused, and deletes of it do nothing', async () => {
    await expect(phone.sync.update('report', 'nowhere', { title: 'x' })).rejects.toThrow(NotOnDevice);
    await phone.sync.delete('report', 'nowhere');
    await expect(phone.sync.create('meter', {})).rejects.toThrow('no type "meter"');
    expect(await phone.sync.outbox.list()).toEqual([]);
  });

  it('make the profile on first use, without an id', async () => {
    await phone.sync.update('profile', undefined, { name: 'Alice' });
    await phone.sync.update('profile', undefined, { language: 'de' });
    expect(await phone.sync.get('profile')).toMatchObject({ name: 'Alice', language: 'de', sync_status: 'pending' });
    await phone.synced();
    expect(await phone.sync.list('profile')).toMatchObject([{ entity_id: 'alice', name: 'Alice', language: 'de', sync_status: 'synced' }]);
    await phone.sync.update('profile', undefined, { name: 'A.' });
    expect(await phone.sync.list('profile')).toMatchObject([{ entity_id: 'alice', name: 'A.', language: 'de' }]);
    await phone.synced();
    await tablet.synced();
    expect(await tablet.sync.list('profile')).toEqual(await phone.sync.list('profile'));
  });

  it('of texts are merged by lines with those of other devices', async () => {
    const { entity_id: id } = await phone.sync.create('report', POTHOLE);
    await phone.synced();
    await tablet.synced();
    await tablet.sync.update('report', id, { description: 'Very deep.\nWide.' });
    await phone.sync.update('report', id, { description: 'Deep.\nVery wide.' }, { strategy: 'merge' });
    await tablet.synced();
    await phone.synced();
    expect(await phone.sync.get('report', id)).toMatchObject({ description: 'Very deep.\nVery wide.' });
  });

  it('by an officer change a record of somebody else, whose home they do not follow', async () => {
    const desk = new Device(backend, officer('olga', 'roads'), 'desk');
    const { entity_id: id } = await phone.sync.create('report', POTHOLE);
    await phone.synced();
    await backend.world.settle();
    await desk.synced();
    backend.working = true;
    await desk.sync.update('report', id, { status: 'in_progress' });
    await desk.synced();
    expect(await desk.sync.get('report', id)).toMatchObject({ status: 'in_progress' });
    await backend.world.settle();
    await desk.synced();
    expect(await desk.sync.get('report', id)).toMatchObject({ status: 'in_progress', sync_status: 'synced', updated_by: 'olga' });
    await phone.synced();
    expect(await phone.sync.get('report', id)).toMatchObject({ status: 'in_progress' });
  });
});
