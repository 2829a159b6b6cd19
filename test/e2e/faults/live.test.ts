import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ChaosHooks } from '../../../local/chaos/hooks.ts';
import { Api } from '../../../local/demo/api.ts';
import { ownAnswer } from '../../../local/gateway/response.ts';
import type { LocalStack } from '../../../local/stack-types.ts';
import { startStack } from '../../../local/stack.ts';
import { Listener } from '../../support/live/listener.ts';

// A stack whose stream and connections can be disturbed, with the functions as they are deployed.

/** What a stream hands over comes so often. */
let deliveries = 1;
let fate: (method: string, id: string) => 'well' | 'never' | 'trouble' = () => 'well';
/** Calls to connections, by method. */
const calls: string[] = [];

const chaos: ChaosHooks = {
  async stream(_name, event, invoke) {
    for (let i = 1; i < deliveries; i++) await invoke(event);
    return invoke(event);
  },
  async sockets(method, id, forward) {
    calls.push(method);
    const what = fate(method, id);
    if (what === 'never') await sleep(30_000, undefined, { ref: false });
    return what === 'trouble' ? ownAnswer(500, 'Internal Server Error') : forward();
  },
};

const dataDir = mkdtempSync(join(tmpdir(), 'fieldsync-live-'));
let stack: LocalStack;
let apis: number;
beforeAll(async () => {
  stack = await startStack({ port: 0, dataDir, inMemory: true, chaos });
  apis = 0;
}, 60_000);
afterAll(async () => {
  await stack?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});
beforeEach(() => {
  deliveries = 1;
  fate = () => 'well';
  calls.length = 0;
});

type User = { sub: string; token: string; upload: (title: string) => Promise<number> };

async function user(): Promise<User> {
  const sub = `user-${++apis}`;
  const token = await stack.token({ sub, role: 'citizen' });
  const api = new Api(stack.url, token);
  let n = 0;
  return {
    sub,
    token,
    async upload(title) {
      const action = { client_id: `${sub}-${++n}`, action_type: 'create_report', entity_type: 'report', timestamp: new Date().toISOString(), data: { title, category: sub } };
      const { results } = await api.upload({ device_id: 'phone', actions: [action] }, { prefer: 'wait=20' });
      return results[0]!.version ?? 0;
    },
  };
}

const within = { timeout: 20_000, interval: 10 };

describe('pokes in trouble', () => {
  it('come to everyone else while some take nothing, and keep no commit from being applied', async () => {
    const alice = await user();
    const listeners: Listener[] = [];
    for (let i = 0; i < 6; i++) listeners.push(await Listener.connect(stack.liveUrl, alice.token));
    // Two of the six, by the order in which they are sent to: no test knows their ids.
    const stuck: string[] = [];
    fate = (method, id) => {
      if (method === 'POST' && !stuck.includes(id) && stuck.length < 2) stuck.push(id);
      return stuck.includes(id) ? 'never' : 'well';
    };
    expect(await alice.upload('A')).toBe(1);
    await expect.poll(() => listeners.filter(({ pokes }) => pokes.length > 0).length, within).toBe(4);
    expect(await alice.upload('B')).toBe(2);
    await expect.poll(() => listeners.filter(({ pokes }) => pokes.length > 1).length, within).toBe(4);
    // They are still there, and hear of the next.
    fate = () => 'well';
    await alice.upload('C');
    await expect.poll(() => listeners.every(({ pokes }) => pokes.length > 0), within).toBe(true);
    expect(listeners.map(({ socket }) => socket.readyState)).toEqual([1, 1, 1, 1, 1, 1]);
    for (const listener of listeners) await listener.close();
  });

  it('are lost when connections fail, and the stream goes on', async () => {
    const alice = await user();
    const listener = await Listener.connect(stack.liveUrl, alice.token);
    fate = () => 'trouble';
    await alice.upload('A');
    // One try, and one more.
    await expect.poll(() => calls.length, within).toBeGreaterThanOrEqual(2);
    fate = () => 'well';
    await alice.upload('B');
    await expect.poll(() => listener.pokes, within).toContainEqual([`user:${alice.sub}`]);
    await listener.close();
  });

  it('come twice when the stream does, and say the same', async () => {
    const alice = await user();
    const listener = await Listener.connect(stack.liveUrl, alice.token);
    deliveries = 2;
    await alice.upload('A');
    await expect.poll(() => listener.pokes, within).toEqual([[`user:${alice.sub}`], [`user:${alice.sub}`]]);
    await listener.close();
  });

  it('forget a connection that was cut without a word', async () => {
    const alice = await user();
    const listener = await Listener.connect(stack.liveUrl, alice.token);
    await stack.crash('live');
    listener.socket.terminate();
    await listener.closed;
    await alice.upload('A');
    // Whether $disconnect came through or not: nobody is sent to for ever.
    await sleep(500);
    calls.length = 0;
    await alice.upload('B');
    await sleep(500);
    expect(calls.filter((method) => method === 'POST')).toEqual([]);
  });

  it('asked for nothing that the roles do not grant', () => {
    expect(stack.refusals).toEqual([]);
  });
});
