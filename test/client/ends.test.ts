import { beforeEach, describe, expect, it } from 'vitest';
import type { Network } from '../../client/src/network.ts';
import { citizen } from '../support/world.ts';
import { photo } from '../support/photos.ts';
import { Backend, tokenOf } from '../support/client/backend.ts';
import { Device } from '../support/client/device.ts';

let backend: Backend;
let phone: Device;

/** A network that takes requests and never answers, and does not care whether anybody still waits. */
const SILENT: Network = { fetch: () => new Promise(() => {}) };
const report = { title: 'Pothole', category: 'roads' };

beforeEach(() => {
  backend = new Backend();
  phone = new Device(backend, citizen('alice'), 'phone');
});

/** Ends that a test waits for in vain are told as such. */
async function soon<T>(work: Promise<T>): Promise<T | 'still waiting'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'still waiting'>((resolve) => (timer = setTimeout(() => resolve('still waiting'), 2000)));
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

describe('an app that closes', () => {
  it('does not wait for an answer that does not come, and sends again what had none (P1)', async () => {
    await phone.sync.create('report', report);
    phone.restart({ network: SILENT });
    const cycle = phone.sync.sync();
    await expect.poll(async () => (await phone.sync.outbox.list()).map(({ state }) => state)).toEqual(['sent']);
    expect(await soon(phone.sync.close())).toBeUndefined();
    expect(await soon(cycle)).toMatchObject({ ok: false, halt: 'offline' });
    phone.restart();
    await phone.synced();
    expect(await phone.sync.list('report')).toMatchObject([{ sync_status: 'synced' }]);
  });

  it('does not wait for a token that does not come', async () => {
    phone.restart({ token: () => new Promise(() => {}) });
    const cycle = phone.sync.sync();
    expect(await soon(phone.sync.close())).toBeUndefined();
    expect(await soon(cycle)).toMatchObject({ ok: false });
  });

  it('does not wait for a photo that goes nowhere', async () => {
    let puts = 0;
    phone.restart({ network: { ...backend.network(), send: () => (puts++, new Promise(() => {})) } });
    const { entity_id: id } = await phone.sync.create('report', report);
    await phone.synced();
    await phone.sync.attach(id, new Uint8Array(photo('a', 2000)));
    const run = phone.sync.photos.send();
    await expect.poll(() => puts).toBe(1);
    expect(await soon(phone.sync.close())).toBeUndefined();
    expect(await soon(run)).toMatchObject({ ok: false, halt: 'offline' });
  });

  it('answers nothing any more', async () => {
    await phone.sync.close();
    await expect(phone.sync.create('report', report)).rejects.toThrow('closed');
    await expect(phone.sync.sync()).rejects.toThrow('closed');
  });
});

describe('a cycle', () => {
  it('gives up a request that nobody answers, though the network does not let go of it', async () => {
    phone.restart({ network: SILENT, timeoutMs: 20 });
    expect(await soon(phone.sync.sync())).toMatchObject({ ok: false, halt: 'offline' });
  });

  it('gives up waiting for a token, so that other tabs are not kept from syncing', async () => {
    phone.restart({ token: () => new Promise(() => {}), timeoutMs: 20 });
    expect(await soon(phone.sync.sync())).toMatchObject({ ok: false, halt: 'signed_out' });
    expect(await phone.sync.status.get()).toMatchObject({ health: 'signed_out', syncing: false });
  });
});

it('a wiped store belongs to the next user only: what a late cycle of the last one brings is not theirs (P10)', async () => {
  let sub = 'alice';
  phone.restart({ token: async () => tokenOf(citizen(sub)) });
  await phone.sync.create('report', report);
  await phone.synced();
  await phone.sync.wipe();
  // The app has not taken the token away yet.
  await phone.synced();
  sub = 'bob';
  expect(await phone.sync.sync()).toMatchObject({ ok: false, halt: 'other_user' });
  await phone.sync.wipe();
  await phone.synced();
  expect(await phone.sync.list('report')).toEqual([]);
});
