import { beforeEach, describe, expect, it } from 'vitest';
import { openStore, StoreTooNew } from '../../client/src/open-store.ts';
import { select } from '../../client/src/query.ts';
import type { Progress } from '../../client/src/session.ts';
import type { SyncRecord } from '../../client/src/overlay.ts';
import { memoryStore } from '../../client/stores/memory.ts';
import { civic } from '../../src/domain/civic.ts';
import { citizen, officer } from '../support/world.ts';
import { Backend, tokenOf } from '../support/client/backend.ts';
import { Device } from '../support/client/device.ts';

let backend: Backend;
let phone: Device;

beforeEach(() => {
  backend = new Backend();
  phone = new Device(backend, citizen('alice'), 'phone');
});

const report = (title: string, category = 'roads') => ({ title, category });
const titles = async (device: Device) => (await device.sync.list('report')).map((each) => each['title']).sort();

describe('downloads', () => {
  it('tell how far the first one is, and end with nothing to tell', async () => {
    for (let i = 0; i < 620; i++) await phone.sync.create('report', report(`r${i}`));
    await phone.synced();
    const tablet = new Device(backend, citizen('alice'), 'tablet');
    const told: (Progress | null)[] = [];
    tablet.sync.status.watch(({ progress }) => told.push(progress));
    await tablet.synced();
    await expect.poll(() => told.at(-1)).toBeNull();
    expect(await tablet.sync.list('report')).toHaveLength(620);
    expect(told.some((progress) => progress?.phase === 'snapshot' && progress.done > 0)).toBe(true);
    expect(await tablet.sync.status.get()).toMatchObject({ progress: null, syncing: false, online: true });
  });

  it('of nothing new cost one request', async () => {
    await phone.synced();
    const before = backend.requests.length;
    await phone.synced();
    expect(backend.requests.slice(before).map(({ method }) => method)).toEqual(['GET']);
  });

  it('that start afresh keep the old records on the screen until the new ones are whole', async () => {
    for (let i = 0; i < 620; i++) await phone.sync.create('report', report(`r${i}`));
    await phone.synced();
    await memoryStore(phone.disk).transact((tx) => tx.put('m/cursor', 'AAAA'));
    let pages = 0;
    backend.fate = ({ path }) => (path.endsWith('/download') && ++pages > 1 ? 'lost' : 'well');
    const resets: string[] = [];
    phone.sync.on('reset', ({ scope }) => resets.push(scope));
    expect(await phone.sync.sync()).toMatchObject({ ok: false, halt: 'offline' });
    expect(resets).toEqual(['user:alice']);
    expect(await phone.sync.list('report')).toHaveLength(620);
    const tablet = new Device(backend, citizen('alice'), 'tablet');
    backend.fate = () => 'well';
    await tablet.synced();
    await tablet.sync.delete('report', (await tablet.sync.list('report'))[600]?.entity_id ?? '');
    await tablet.synced();
    await phone.synced();
    expect(await phone.sync.list('report')).toEqual(await tablet.sync.list('report'));
    expect(await phone.sync.list('report')).toHaveLength(619);
  });

  it('drop what the user may no longer see at once, and keep what waits (P10)', async () => {
    const desk = new Device(backend, officer('olga', 'roads', 'parks'), 'desk');
    await phone.sync.create('report', report('on a road'));
    await phone.sync.create('report', report('in a park', 'parks'));
    await phone.synced();
    await backend.world.settle();
    await desk.synced();
    expect(await titles(desk)).toEqual(['in a park', 'on a road']);
    await desk.sync.create('report', report('of her own'));
    backend.fate = ({ path }) => (path.endsWith('/upload') ? 503 : 'well');
    desk.restart({ token: async () => tokenOf(officer('olga', 'parks')) });
    await desk.sync.sync();
    expect(await titles(desk)).toEqual(['in a park', 'of her own']);
    expect(await desk.sync.outbox.list()).toHaveLength(1);
    backend.fate = () => 'well';
  });

  it('drop all that the server can no longer name, as soon as it says that it does not know the phone (P5, P10)', async () => {
    const desk = new Device(backend, officer('olga', 'roads', 'parks'), 'desk');
    await phone.sync.create('report', report('on a road'));
    await phone.sync.create('report', report('in a park', 'parks'));
    await phone.synced();
    await backend.world.settle();
    await desk.synced();
    expect(await titles(desk)).toEqual(['in a park', 'on a road']);
    await memoryStore(desk.disk).transact((tx) => tx.put('m/cursor', 'AAAA'));
    // As after a restore of the tables: nothing tells what this device was given.
    const { devices } = backend.world.ports;
    await devices.remember('olga', 'desk', await devices.remembered('olga', 'desk'), []);
    desk.restart({ token: async () => tokenOf(officer('olga', 'roads')) });
    await desk.synced();
    expect(await titles(desk)).toEqual(['on a road']);
  });

  it('take away what was deleted or moved elsewhere', async () => {
    const desk = new Device(backend, officer('olga', 'roads'), 'desk');
    const moved = await phone.sync.create('report', report('moves'));
    const gone = await phone.sync.create('report', report('goes'));
    await phone.sync.create('report', report('stays'));
    await phone.synced();
    await backend.world.settle();
    await desk.synced();
    await phone.sync.update('report', moved.entity_id, { category: 'parks' });
    await phone.sync.delete('report', gone.entity_id);
    await phone.synced();
    await backend.world.settle();
    await desk.synced();
    expect(await titles(desk)).toEqual(['stays']);
    expect(await titles(phone)).toEqual(['moves', 'stays']);
  });
});

describe('live lists', () => {
  it('tell each change once, by whoever it was made', async () => {
    const told: unknown[][] = [];
    const stop = phone.sync.watch('report', { where: { category: 'roads' }, orderBy: 'title' }, (list) => told.push(list.map((each) => each['title'])));
    await phone.sync.create('report', report('b'));
    await phone.sync.create('report', report('elsewhere', 'parks'));
    await phone.synced();
    const tablet = new Device(backend, citizen('alice'), 'tablet');
    await tablet.sync.create('report', report('a'));
    await tablet.synced();
    await phone.synced();
    await expect.poll(() => told.at(-1)).toEqual(['a', 'b']);
    stop();
    await phone.sync.create('report', report('c'));
    expect(told.at(-1)).toEqual(['a', 'b']);
  });

  it('filter, sort and cut', () => {
    const row = (entity_id: string, fields: object) => ({ entity_id, ...fields }) as unknown as SyncRecord;
    const all = [row('1', { n: 3, tags: ['x'] }), row('2', { n: 1, s: 'b' }), row('3', { n: null, s: 'a' }), row('4', { n: 2, tags: [] })];
    const ids = (query: Parameters<typeof select>[1]) => select(all, query).map(({ entity_id }) => entity_id);
    expect(ids({ orderBy: 'n' })).toEqual(['3', '2', '4', '1']);
    expect(ids({ orderBy: 'n', descending: true, limit: 2 })).toEqual(['1', '4']);
    expect(ids({ where: { n: { from: 2 } } })).toEqual(['1', '4']);
    expect(ids({ where: { n: { to: 2 }, s: 'b' } })).toEqual(['2']);
    expect(ids({ where: { tags: { has: 'x' } } })).toEqual(['1']);
    expect(ids({ where: { s: { in: ['a', 'b'] } } })).toEqual(['2', '3']);
    expect(ids({ where: { s: null } })).toEqual(['1', '4']);
    expect(ids({ where: { s: { not: 'a' } } })).toEqual(['1', '2', '4']);
    expect(ids({ where: { tags: { is: [] } } })).toEqual(['4']);
  });
});

describe('an app update', () => {
  it('keeps what an older app left in the outbox, shows it in today’s form and sends it as it was', async () => {
    const { report: type } = civic.types;
    if (!type) throw new Error('the domain has reports');
    const old = { ...type, schemaVersion: 1, fields: { ...type.fields, lat: { kind: 'scalar' as const }, lng: { kind: 'scalar' as const } } };
    phone.restart({ domain: { types: { ...civic.types, report: old } } });
    await phone.sync.create('report', { title: 'By the old app', category: 'roads', lat: 23.3, lng: 85.3 }, { entityId: 'old-one' });
    phone.restart({ domain: civic });
    expect(await phone.sync.get('report', 'old-one')).toMatchObject({ latitude: 23.3, longitude: 85.3, sync_status: 'pending' });
    await phone.synced();
    expect(await phone.sync.get('report', 'old-one')).toMatchObject({ latitude: 23.3, longitude: 85.3, sync_status: 'synced' });
  });

  it('rewrites the store to its own layout in one step, and never touches a newer one', async () => {
    await phone.sync.create('report', report('Kept'));
    const store = memoryStore(phone.disk);
    const fails = async () => {
      throw new Error('killed');
    };
    const before = await store.transact((tx) => tx.scan(''));
    await expect(openStore(store, [async (tx) => tx.put('x', 1), fails])).rejects.toThrow('killed');
    expect(await store.transact((tx) => tx.scan(''))).toEqual(before);
    await openStore(store, [async (tx) => tx.put('moved', (await tx.scan('o/')).length)]);
    expect(await store.transact((tx) => tx.get('moved'))).toBe(1);
    phone.restart();
    await expect(phone.sync.list('report')).rejects.toThrow(StoreTooNew);
    expect(await store.transact((tx) => tx.scan('o/'))).toHaveLength(1);
  });
});
