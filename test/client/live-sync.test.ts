import { beforeEach, describe, expect, it } from 'vitest';
import type { SyncOptions } from '../../client/src/options.ts';
import { Backend, tokenOf } from '../support/client/backend.ts';
import { Device } from '../support/client/device.ts';
import { FakeTime, fakeSockets } from '../support/client/fake-live.ts';
import { citizen } from '../support/world.ts';

// What a phone makes of pokes that come, come twice or late, or do not come at all.

const CHANGED = '{"type":"changed","scopes":["user:alice"]}';
const INTERVAL_MS = 5 * 60_000;

let backend: Backend;
let time: FakeTime;
let sockets: ReturnType<typeof fakeSockets>;
let phone: Device;
let tablet: Device;

async function start(more: Partial<SyncOptions> = {}): Promise<void> {
  tablet = new Device(backend, citizen('alice'), 'tablet', {
    start: 'auto', liveUrl: 'wss://x/live', socket: sockets.factory, timers: time, random: () => 1, intervalMs: INTERVAL_MS, ...more,
  });
  await expect.poll(() => sockets.made.length).toBe(1);
  await idle();
  sockets.last().open();
  await idle();
}

beforeEach(async () => {
  backend = new Backend();
  time = new FakeTime();
  sockets = fakeSockets();
  phone = new Device(backend, citizen('alice'), 'phone');
  await phone.synced();
});

const idle = () => expect.poll(async () => (await tablet.sync.status.get()).syncing, { interval: 2 }).toBe(false);
const titles = async () => (await tablet.sync.list<{ title: string }>('report')).map(({ title }) => title).sort();
const downloads = () => backend.requests.filter(({ path }) => path.includes('/download')).length;

async function uploadFromPhone(title: string): Promise<void> {
  await phone.sync.create('report', { title, category: 'roads' });
  await phone.synced();
}

describe('a phone that listens', () => {
  it('has the change after the poke, with one download', async () => {
    await start();
    await uploadFromPhone('A');
    const before = downloads();
    sockets.last().say(CHANGED);
    await expect.poll(titles).toEqual(['A']);
    await idle();
    expect(downloads()).toBe(before + 1);
  });

  it('makes one cycle more of all pokes that come while one runs', async () => {
    await start();
    await uploadFromPhone('A');
    const before = downloads();
    for (let i = 0; i < 50; i++) sockets.last().say(CHANGED);
    await expect.poll(titles).toEqual(['A']);
    await idle();
    expect(downloads()).toBe(before + 2);
  });

  it('has it by polling when the poke is lost, and a late one changes nothing', async () => {
    await start();
    await uploadFromPhone('A');
    expect(await titles()).toEqual([]);
    sockets.last().say('{"type":"pong"}');
    await time.pass(INTERVAL_MS);
    await expect.poll(titles).toEqual(['A']);
    sockets.last().say(CHANGED);
    await idle();
    expect(await titles()).toEqual(['A']);
  });

  it('has it once it is connected again, though nobody was there to be poked', async () => {
    await start();
    sockets.last().end();
    await idle();
    await uploadFromPhone('A');
    await time.pass(1000);
    await expect.poll(() => sockets.made.length).toBe(2);
    sockets.last().open();
    await expect.poll(titles).toEqual(['A']);
  });

  it('polls at growing pauses where there is no way to connect', async () => {
    await start({ intervalMs: 0 });
    for (let i = 0; i < 3; i++) {
      await uploadFromPhone(`${i}`);
      sockets.last().end();
      await expect.poll(titles).toHaveLength(i + 1);
      await idle();
      await time.pass(1000 * 2 ** i);
      await expect.poll(() => sockets.made.length).toBe(i + 2);
    }
  });

  it('connects with the token of its own user only', async () => {
    await start();
    await tablet.sync.close();
    tablet.restart({ token: async () => tokenOf(citizen('mallory')) });
    await idle();
    expect(sockets.made).toHaveLength(1);
  });

  it('leaves the connection when it is closed, and when there surely is no network', async () => {
    let tell: (online: boolean) => void = () => {};
    const network = { ...backend.network(() => false), onChange: (listener: (online: boolean) => void) => ((tell = listener), () => {}) };
    await start({ network });
    tell(false);
    expect(sockets.last().closed).toBe(true);
    tell(true);
    await expect.poll(() => sockets.made.length).toBe(2);
    sockets.last().open();
    await tablet.sync.close();
    expect(sockets.last().closed).toBe(true);
  });

  it('does not listen unless it is told where, nor when cycles run by hand only', async () => {
    const { liveUrl: _none, ...without } = { ...phone.options, start: 'auto' as const, socket: sockets.factory, timers: time };
    const others = [new Device(backend, citizen('alice'), 'a', without), new Device(backend, citizen('alice'), 'b', { liveUrl: 'wss://x/live', socket: sockets.factory })];
    for (const other of others) await other.synced();
    expect(sockets.made).toEqual([]);
    for (const other of others) await other.sync.close();
  });
});
