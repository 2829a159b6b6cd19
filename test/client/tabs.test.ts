import { expect, it, beforeEach } from 'vitest';
import { memoryStore } from '../../client/stores/memory.ts';
import { citizen } from '../support/world.ts';
import { Backend } from '../support/client/backend.ts';
import { Device } from '../support/client/device.ts';

let backend: Backend;
let phone: Device;

beforeEach(() => {
  backend = new Backend();
  phone = new Device(backend, citizen('alice'), 'phone');
});

/** The next upload stands still until it is let go. */
function holdUpload(): { letGo: () => void; begun: Promise<void> } {
  let letGo = () => {};
  let begin = () => {};
  const gate = new Promise<void>((resolve) => (letGo = resolve));
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const { fetch } = phone.options.network ?? backend.network();
  let held = false;
  phone.options.network = {
    async fetch(url, request) {
      if (!held && url.includes('/upload')) {
        held = true;
        begin();
        const response = await fetch(url, request);
        await gate;
        return response;
      }
      return fetch(url, request);
    },
  };
  return { letGo, begun };
}

/** A sync with an edit to send, which waits for the answer to its upload; and another tab. */
async function syncHeldInUpload() {
  const { letGo, begun } = holdUpload();
  phone.restart();
  const other = phone.tabOn(memoryStore(phone.disk));
  await phone.sync.create('report', { title: 'Pothole', category: 'roads' });
  const syncing = phone.sync.sync();
  await begun;
  return { other, syncing, letGo };
}

it('one tab at a time talks to the server', async () => {
  const { other, syncing, letGo } = await syncHeldInUpload();
  const requests = backend.requests.length;
  expect(await other.sync()).toMatchObject({ ok: false, halt: 'overtaken' });
  expect(backend.requests).toHaveLength(requests);
  expect((await other.status.get()).pending).toBe(1);
  letGo();
  expect(await syncing).toEqual({ ok: true, queued: false });
  expect(await other.sync()).toEqual({ ok: true, queued: false });
  expect(await other.outbox.list()).toEqual([]);
});

it('a tab that slept through the end of its lease changes nothing any more', async () => {
  const { other, syncing: sleeping, letGo } = await syncHeldInUpload();
  await backend.world.clock.advance(21_000);
  expect(await other.sync()).toEqual({ ok: true, queued: false });
  const before = await memoryStore(phone.disk).transact((tx) => tx.scan(''));
  letGo();
  expect(await sleeping).toMatchObject({ ok: false, halt: 'overtaken' });
  expect(await memoryStore(phone.disk).transact((tx) => tx.scan(''))).toEqual(before);
});

it('a watch in one tab hears what another tab wrote', async () => {
  const other = phone.tabOn(memoryStore(phone.disk));
  const heard: number[] = [];
  const stop = other.watch('report', {}, (reports) => heard.push(reports.length));
  await phone.sync.create('report', { title: 'Pothole', category: 'roads' });
  await expect.poll(() => heard.at(-1)).toBe(1);
  stop();
});
