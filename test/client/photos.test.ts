import { beforeEach, describe, expect, it } from 'vitest';
import { DomainError, NotOnDevice } from '../../client/src/domain.ts';
import type { SyncRecord } from '../../client/src/overlay.ts';
import { memoryStore } from '../../client/stores/memory.ts';
import { LIMITS } from '../../src/protocol/limits.ts';
import { Backend } from '../support/client/backend.ts';
import { Device } from '../support/client/device.ts';
import { Killable, Killed } from '../support/client/killable.ts';
import { photo } from '../support/photos.ts';
import { citizen, officer } from '../support/world.ts';

const ALICE = citizen('alice');
const POTHOLE = { title: 'Pothole', category: 'roads' };
const PHOTO = new Uint8Array(photo('a', 2000));

let backend: Backend;
let phone: Device;
let olga: Device;

beforeEach(() => {
  backend = new Backend();
  phone = new Device(backend, ALICE, 'phone');
  olga = new Device(backend, officer('olga', 'roads'), 'desk');
});

/** What the queue and the outbox do by turns when they run by themselves. */
async function go(device: Device = phone): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await device.sync.photos.send();
    await device.sync.sync();
  }
  await device.sync.photos.send();
}

const statesOf = (record: SyncRecord | undefined) => Object.values((record?.['attachment_states'] ?? {}) as Record<string, string>);

async function seenBy(device: Device, id: string): Promise<Uint8Array[]> {
  await device.synced();
  const record = await device.sync.get('report', id);
  const links = await Promise.all(((record?.['photos'] ?? []) as string[]).map((attachment) => device.sync.photos.link(id, attachment)));
  return links.flatMap((link) => (link ? [backend.objects.fetch(link.url)!] : []));
}

describe('photos on the phone', () => {
  it('wait offline with their report, go by themselves, and are seen by the officer; then nothing of them is left here', async () => {
    phone.offline = true;
    const { entity_id: id } = await phone.sync.create('report', POTHOLE);
    const attached = [await phone.sync.attach(id, PHOTO), await phone.sync.attach(id, new Blob([new Uint8Array(photo('b', 500))], { type: 'image/png' }))];
    expect(attached).toMatchObject([{ state: 'waiting', sent: 0, size: 2000, contentType: 'image/jpeg' }, { contentType: 'image/png' }]);
    expect(await phone.sync.photos.send()).toMatchObject({ ok: false, halt: 'offline' });
    expect(await phone.sync.photos.bytes(attached[0]!.id)).toEqual(PHOTO);
    phone.restart();
    expect(await phone.sync.photos.list(id)).toEqual(attached);
    phone.offline = false;
    await go();
    expect(statesOf(await phone.sync.get('report', id))).toEqual(['ready', 'ready']);
    expect((await seenBy(olga, id)).map((bytes) => bytes.length).sort()).toEqual([2000, 500]);
    expect(await phone.sync.photos.list()).toEqual([]);
    expect(await memoryStore(phone.disk).bytes!.names()).toEqual([]);
    expect(await phone.sync.outbox.list()).toEqual([]);
  });

  it('that are cut off on their way go again, once, whatever answer was lost', async () => {
    const { entity_id: id } = await phone.sync.create('report', POTHOLE);
    await phone.sync.attach(id, PHOTO);
    const fates = ['lost', 'unanswered', 'lost', 'unanswered'] as const;
    for (const [i, fate] of fates.entries()) {
      const path = i < 2 ? '/attachments' : '/object';
      let left = 1;
      backend.fate = (request) => (request.path.endsWith(path) && left-- > 0 ? fate : 'well');
      await phone.sync.photos.send();
      phone.restart();
      await phone.sync.sync();
    }
    backend.fate = () => 'well';
    await go();
    expect(await seenBy(olga, id)).toEqual([PHOTO]);
    const naming = backend.requests.flatMap(({ body = '' }) => [...body.matchAll(/"client_id":"([^"]+)"[^}]*"data":\{"photos"/g)].map(([, action]) => action));
    expect(new Set(naming).size).toBe(1);
    expect(await phone.sync.photos.list()).toEqual([]);
  });

  it('get a fresh link when theirs ran out, also while the phone slept in the middle', async () => {
    const { entity_id: id } = await phone.sync.create('report', POTHOLE);
    await phone.sync.attach(id, PHOTO);
    let left = 1;
    backend.fate = ({ path }) => (path === '/object' && left-- > 0 ? 403 : 'well');
    await phone.sync.photos.send();
    // One that never works is trouble, and not the photo's fault.
    expect(await phone.sync.photos.list(id)).toMatchObject([{ state: 'sent' }]);
    await go();
    expect(backend.requests.filter(({ path }) => path === '/object')).toHaveLength(2);
    expect(await seenBy(olga, id)).toHaveLength(1);
  });

  it('never keep an action waiting, and tell how much of them is out', async () => {
    const told: number[] = [];
    const { promise: network, resolve: comes } = Promise.withResolvers<number>();
    phone.restart({
      network: {
        ...phone.options.network!,
        send: (_url, { body }, progress) => {
          progress(body.length / 4);
          return network;
        },
      },
    });
    const { entity_id: id } = await phone.sync.create('report', POTHOLE);
    const stop = phone.sync.photos.watch(id, ([waiting]) => void (waiting && told.push(waiting.sent)));
    await phone.sync.attach(id, PHOTO);
    const sending = phone.sync.photos.send();
    await expect.poll(() => told.at(-1)).toBe(500);
    await phone.sync.update('report', id, { title: 'Deep pothole' });
    await phone.synced();
    expect(await seenBy(olga, id)).toEqual([]);
    expect(await olga.sync.get('report', id)).toMatchObject({ title: 'Deep pothole' });
    expect(statesOf(await olga.sync.get('report', id))).toEqual(['awaited']);
    comes(200);
    await sending;
    await expect.poll(() => told.at(-1)).toBe(2000);
    stop();
  });

  it('wait for a network that the app allows', async () => {
    let wifi = false;
    phone.restart({ photos: { maySend: () => wifi } });
    const { entity_id: id } = await phone.sync.create('report', POTHOLE);
    await phone.sync.attach(id, PHOTO);
    await go();
    expect(backend.requests.filter(({ path }) => path === '/object')).toEqual([]);
    // The report says already that one will come.
    expect(statesOf(await phone.sync.get('report', id))).toEqual(['awaited']);
    expect(await phone.sync.photos.list(id)).toMatchObject([{ state: 'waiting', sent: 0 }]);
    wifi = true;
    await go();
    expect(await seenBy(olga, id)).toHaveLength(1);
  });

  it('whose arrival the server missed stay listed until it has looked, which a request for one hastens', async () => {
    backend.deaf = true;
    const { entity_id: id } = await phone.sync.create('report', POTHOLE);
    await phone.sync.attach(id, PHOTO);
    await go();
    const [waiting] = await phone.sync.photos.list(id);
    expect(waiting).toMatchObject({ state: 'sent', sent: 2000 });
    expect(await phone.sync.photos.link(id, waiting?.attachmentId ?? '')).toBeUndefined();
    expect(await phone.sync.photos.bytes(waiting?.id ?? '')).toEqual(PHOTO);
  });
});

describe('a photo that is refused', () => {
  async function refused() {
    const events: string[] = [];
    const { entity_id: id } = await phone.sync.create('report', POTHOLE);
    await phone.sync.attach(id, PHOTO);
    // Somebody breaks the store: what lies there is not what was announced.
    backend.fate = ({ path }) => (path === '/object' ? 200 : 'well');
    phone.sync.on('photo_refused', ({ reason }) => events.push(reason));
    await phone.sync.photos.send();
    const [waiting] = await phone.sync.photos.list(id);
    backend.objects.place(`incoming/${waiting?.attachmentId}`, photo('x', 3), 'image/jpeg');
    await backend.world.clock.advance((LIMITS.linkSeconds + 61) * 1000);
    backend.fate = () => 'well';
    await phone.synced();
    const { checkDue } = await import('../../src/service/attachments/check.ts');
    await checkDue(backend.world.deps, backend.objects);
    await backend.world.settle();
    await go();
    return { id, events };
  }

  it('is told and listed; sent again it is a new one; taken back it leaves the record', async () => {
    const { id, events } = await refused();
    expect(events).toEqual(['refused']);
    const [waiting] = await phone.sync.photos.list(id);
    expect(waiting).toMatchObject({ state: 'refused', reason: 'refused' });
    await phone.sync.photos.retry(waiting?.id ?? '');
    await go();
    expect(await phone.sync.photos.list(id)).toEqual([]);
    expect(await seenBy(olga, id)).toEqual([PHOTO]);
    expect(statesOf(await olga.sync.get('report', id))).toEqual(['ready']);
  });

  it('by the server\'s word on its announcement, or on the action that names it, says by which code', async () => {
    const { entity_id: id } = await phone.sync.create('report', POTHOLE);
    await phone.sync.attach(id, PHOTO, { contentType: 'image/gif' });
    for (let i = 0; i < 11; i++) await phone.sync.attach(id, new Uint8Array(photo(`n${i}`, 50)));
    await go();
    await go();
    const left = await phone.sync.photos.list(id);
    expect(left.map(({ reason }) => reason)).toEqual(['validation_failed', 'validation_failed']);
    expect(await seenBy(olga, id)).toHaveLength(10);
    for (const { id: waiting } of left) await phone.sync.photos.dismiss(waiting);
    await go();
    expect(await seenBy(olga, id)).toHaveLength(10);
  });
});

describe('attaching', () => {
  it('needs a record that is here and a picture, and copies the bytes', async () => {
    await expect(phone.sync.attach('nothing', PHOTO)).rejects.toThrow(NotOnDevice);
    const { entity_id: id } = await phone.sync.create('report', POTHOLE);
    await expect(phone.sync.attach(id, new Uint8Array([1, 2, 3]))).rejects.toThrow(DomainError);
    await expect(phone.sync.attach(id, PHOTO, { type: 'task' })).rejects.toThrow(DomainError);
    const mine = new Uint8Array(photo('a', 100));
    const { id: waiting } = await phone.sync.attach(id, mine.buffer);
    mine.fill(0);
    expect(await phone.sync.photos.bytes(waiting)).toEqual(new Uint8Array(photo('a', 100)));
  });

  it('to a record that is then deleted sends nothing', async () => {
    const { entity_id: id } = await phone.sync.create('report', POTHOLE);
    await phone.sync.attach(id, PHOTO);
    await phone.sync.delete('report', id);
    await go();
    expect(await phone.sync.photos.list()).toEqual([]);
    expect(await memoryStore(phone.disk).bytes!.names()).toEqual([]);
    expect(backend.requests.filter(({ path }) => path === '/object')).toEqual([]);
  });

  it('counts as waiting when everything is to be forgotten, and is forgotten with it', async () => {
    const { entity_id: id } = await phone.sync.create('report', POTHOLE);
    await phone.synced();
    await phone.sync.attach(id, PHOTO);
    await expect(phone.sync.wipe()).rejects.toThrow('0 actions and 1 photos');
    await phone.sync.wipe({ force: true });
    expect(await memoryStore(phone.disk).bytes!.names()).toEqual([]);
    expect(await phone.sync.photos.list()).toEqual([]);
  });
});

describe('an app that is killed', () => {
  /** The story of one photo, with a kill at the n-th write; gives how many writes there were. */
  async function live(at: number, when: 'before' | 'after'): Promise<number> {
    const world = new Backend({ seed: 1 });
    const kills = new Killable();
    const device = new Device(world, ALICE, 'phone', { wrap: (store) => kills.wrap(store) });
    const { entity_id: id } = await device.sync.create('report', POTHOLE);
    const begun = kills.count;
    if (at > 0) kills.killAt(at, when);
    const steps = [() => device.sync.attach(id, PHOTO), () => device.sync.photos.send(), () => device.sync.sync(), () => device.sync.photos.send()];
    for (const step of steps) {
      try {
        await step();
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
        device.restart();
        // Nobody told the user that it is attached: they look, and do it again if it is not.
        if (step === steps[0] && (await device.sync.photos.list(id)).length === 0) await step();
      }
    }
    const writes = kills.count - begun;
    await world.world.clock.advance(2 * 3600_000);
    for (let i = 0; i < 3; i++) await go(device);
    const desk = new Device(world, officer('olga', 'roads'), 'desk');
    await desk.synced();
    expect(statesOf(await desk.sync.get('report', id))).toEqual(['ready']);
    expect(await device.sync.photos.list()).toEqual([]);
    expect(await memoryStore(device.disk).bytes!.names()).toEqual([]);
    expect(await memoryStore(device.disk).transact((tx) => tx.scan('p/'))).toEqual([]);
    return writes;
  }

  it.each(['before', 'after'] as const)('just %s any of its writes loses no photo and adds none twice (P1, P2)', async (when) => {
    const writes = await live(0, when);
    expect(writes).toBeGreaterThan(15);
    for (let at = 1; at <= writes; at++) {
      await live(at, when).catch((error: unknown) => {
        throw new Error(`killed ${when} write ${at} of ${writes}: ${String(error)}`, { cause: error });
      });
    }
  });
});
