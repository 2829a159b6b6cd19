import { beforeEach, describe, expect, it } from 'vitest';
import { civic } from '../../src/domain/civic.ts';
import { citizen } from '../support/world.ts';
import { Backend, tokenOf } from '../support/client/backend.ts';
import { Device } from '../support/client/device.ts';

let backend: Backend;
let phone: Device;

beforeEach(() => {
  backend = new Backend();
  phone = new Device(backend, citizen('alice'), 'phone');
});

const uploads = () => backend.requests.filter(({ path }) => path.endsWith('/upload'));
const sizes = () => uploads().map(({ body }) => (JSON.parse(body ?? '{}') as { actions: unknown[] }).actions.length);

describe('what the server refuses', () => {
  it('is told with reason and data, undone on the screen, and can be corrected', async () => {
    const told: unknown[] = [];
    phone.sync.on('rejected', (event) => told.push(event.rejected.error.code));
    const { entity_id: id } = await phone.sync.create('report', { title: 'x'.repeat(300), category: 'roads' });
    await phone.synced();
    expect(told).toEqual(['validation_failed']);
    expect(await phone.sync.list('report')).toEqual([]);
    expect(await phone.sync.status.get()).toMatchObject({ pending: 0, failed: 1, health: 'failing' });
    const [rejected] = await phone.sync.rejected.list();
    expect(rejected).toMatchObject({ entityId: id, action: { data: { category: 'roads' } }, error: { errors: [{ pointer: expect.stringContaining('/data/title') }] } });
    await phone.sync.rejected.correct(rejected?.action.client_id ?? '', { title: 'Shorter', category: 'roads' });
    expect(await phone.sync.rejected.list()).toEqual([]);
    await phone.synced();
    expect(await phone.sync.get('report', id)).toMatchObject({ title: 'Shorter', sync_status: 'synced' });
  });

  it('can be dismissed', async () => {
    await phone.sync.create('task', { title: 'Not mine to make', department: 'roads' });
    await phone.synced();
    const [rejected] = await phone.sync.rejected.list();
    expect(rejected?.error.code).toBe('forbidden');
    await phone.sync.rejected.dismiss(rejected?.action.client_id ?? '');
    expect(await phone.sync.status.get()).toMatchObject({ failed: 0, health: 'good' });
  });

  it('as a whole is halved until the one to blame is found; the rest goes through', async () => {
    for (const title of ['a', 'b', 'c', 'd', 'e']) await phone.sync.create('report', { title, category: 'roads' });
    backend.fate = ({ body }) => (body?.includes('"title":"d"') ? 413 : 'well');
    backend.answers.set(413, { code: 'payload_too_large', detail: 'Too large.' });
    await phone.synced();
    expect((await phone.sync.list('report')).map((report) => report['title']).sort()).toEqual(['a', 'b', 'c', 'e']);
    expect((await phone.sync.rejected.list()).map(({ error }) => error.code)).toEqual(['payload_too_large']);
    expect(sizes().length).toBeLessThan(10);
  });

  it('for no fault of an action stops the cycle and keeps everything', async () => {
    const broken = new Device(backend, citizen('alice'), 'not a device id!');
    await broken.sync.create('report', { title: 'Kept', category: 'roads' });
    const told: string[] = [];
    broken.sync.on('interrupted', ({ detail }) => told.push(detail));
    expect(await broken.sync.sync()).toMatchObject({ ok: false, halt: 'refused' });
    expect(told).toEqual([expect.stringContaining('/device_id: ')]);
    expect(await broken.sync.status.get()).toMatchObject({ pending: 1, health: 'broken' });
  });
});

describe('an app that is ahead of its server', () => {
  it('is told which type the server does not know, and keeps everything', async () => {
    const { report } = civic.types;
    if (!report) throw new Error('the domain has reports');
    phone.restart({ domain: { types: { ...civic.types, survey: { ...report, collection: 'surveys' } } } });
    await phone.sync.create('report', { title: 'Pothole', category: 'roads' });
    expect(await phone.sync.sync()).toMatchObject({ ok: false, halt: 'refused', detail: expect.stringContaining('/query/types: Known types: profile, report, task.') });
    expect(await phone.sync.list('report')).toHaveLength(1);
    expect(await phone.sync.status.get()).toMatchObject({ health: 'broken' });
  });
});

describe('tokens', () => {
  it('that the server no longer takes are asked for anew, once', async () => {
    const old = tokenOf(citizen('alice'));
    const asked: (string | undefined)[] = [];
    backend.expired.add(old);
    let current = old;
    const token = async (refused?: string) => {
      asked.push(refused);
      if (refused !== undefined) current = tokenOf(citizen('alice'), '2');
      return current;
    };
    phone.restart({ token });
    await phone.synced();
    expect(asked.filter((refused) => refused !== undefined)).toEqual([old]);
  });

  it('that stay refused mean: signed out; nothing is lost', async () => {
    backend.expired.add(tokenOf(citizen('alice')));
    await phone.sync.create('report', { title: 'Kept', category: 'roads' });
    expect(await phone.sync.sync()).toMatchObject({ ok: false, halt: 'signed_out' });
    expect(await phone.sync.status.get()).toMatchObject({ pending: 1, health: 'signed_out' });
    expect(backend.requests).toHaveLength(2);
    backend.expired.clear();
    await phone.synced();
    expect(await phone.sync.status.get()).toMatchObject({ pending: 0, health: 'good' });
  });

  it('of another user never carry what this one did (P10)', async () => {
    await phone.synced();
    await phone.sync.create('report', { title: 'Alice’s', category: 'roads' });
    phone.restart({ token: async () => tokenOf(citizen('böb \u{1f600}')) });
    const before = backend.requests.length;
    expect(await phone.sync.sync()).toMatchObject({ ok: false, halt: 'other_user' });
    expect(backend.requests).toHaveLength(before);
    await expect(phone.sync.wipe()).rejects.toThrow('1 actions have not reached the server');
    await phone.sync.wipe({ force: true });
    await phone.synced();
    expect(await phone.sync.list('report')).toEqual([]);
  });
});

describe('the answers of others', () => {
  it.each([200, 404, 302])('such as a login page with status %s are no answer', async (status) => {
    await phone.sync.create('report', { title: 'Kept', category: 'roads' });
    backend.fate = () => status;
    expect(await phone.sync.sync()).toMatchObject({ ok: false, halt: 'offline' });
    backend.fate = () => 'well';
    await phone.synced();
    expect(await phone.sync.list('report')).toMatchObject([{ title: 'Kept', sync_status: 'synced' }]);
  });
});

describe('what the server keeps', () => {
  it('as queued is asked for, not sent again', async () => {
    backend.working = false;
    await phone.sync.create('report', { title: 'Slow', category: 'roads' });
    expect(await phone.sync.sync()).toEqual({ ok: true, queued: true });
    expect(await phone.sync.outbox.list()).toMatchObject([{ state: 'queued' }]);
    backend.working = true;
    await backend.world.settle();
    expect(await phone.sync.sync()).toEqual({ ok: true, queued: false });
    expect(uploads()).toHaveLength(1);
    expect(await phone.sync.list('report')).toMatchObject([{ title: 'Slow', id: expect.any(Number) }]);
  });

  it('as dead stays in the outbox and on the screen, and is not sent in a loop', async () => {
    backend.poison = 'Poison';
    await phone.sync.create('report', { title: 'Poison', category: 'roads' }, { entityId: 'poisoned' });
    await phone.sync.sync();
    await backend.world.heal();
    await phone.sync.sync();
    expect(await phone.sync.outbox.list()).toMatchObject([{ state: 'failed', reason: expect.any(String) }]);
    expect(await phone.sync.list('report')).toMatchObject([{ title: 'Poison', sync_status: 'failed' }]);
    expect(await phone.sync.status.get()).toMatchObject({ pending: 0, failed: 1, health: 'failing' });
    const before = uploads().length;
    await phone.sync.sync();
    expect(uploads()).toHaveLength(before);
    backend.poison = undefined;
    await backend.world.clock.advance(3_700_000);
    await phone.sync.outbox.retry((await phone.sync.outbox.list())[0]?.action.client_id ?? '');
    await phone.sync.sync();
    await backend.world.heal();
    await phone.synced();
    expect(await phone.sync.list('report')).toMatchObject([{ title: 'Poison', sync_status: 'synced' }]);
  });
});

it('a domain that does not know all types downloads only its own', async () => {
  const { report } = civic.types;
  const small = new Device(backend, citizen('alice'), 'small', { domain: { types: report ? { report } : {} } });
  await phone.sync.update('profile', undefined, { name: 'Alice' });
  await phone.sync.create('report', { title: 'Pothole', category: 'roads' });
  await phone.synced();
  await small.synced();
  expect(await small.sync.list('report')).toHaveLength(1);
  await expect(small.sync.list('profile')).rejects.toThrow('no type "profile"');
});
