import { afterEach, describe, expect, it } from 'vitest';
import { controlled } from '../../../../local/chaos/control.ts';
import { MODES, parseChaos, type ChaosMode } from '../../../../local/chaos/modes.ts';
import { Network } from '../../../../local/chaos/network.ts';
import { listen, type HttpServer } from '../../../../local/gateway/server.ts';

const servers: HttpServer[] = [];
afterEach(async () => { await Promise.all(servers.splice(0).map((server) => server.stop(0))); });

/** An API behind a network: it counts what reaches it. */
async function api(network: Network) {
  const server = await listen(0, '127.0.0.1');
  servers.push(server);
  const world = { reached: 0, url: `http://127.0.0.1:${server.port}` };
  server.open([controlled(network, async (request) => {
    request.resume();
    world.reached++;
    return { status: 200, headers: {}, body: Buffer.from('done') };
  })]);
  return world;
}

const ask = (url: string) => fetch(url, { method: 'POST', body: '{}' }).then((response) => response.status, () => 'lost' as const);

async function fates(mode: ChaosMode, seed: number, requests = 40) {
  const network = new Network();
  network.set({ mode, seed, pace: 0 });
  const world = await api(network);
  const heard = [];
  for (let i = 0; i < requests; i++) heard.push(await ask(`${world.url}/api`));
  return { heard, reached: world.reached, counts: network.counts };
}

const count = <T>(list: readonly T[], of: T) => list.filter((item) => item === of).length;

describe('a bad network', () => {
  it('repeats itself under one seed, and is another under the next', async () => {
    const [first, again, other] = await Promise.all([fates('flaky', 7), fates('flaky', 7), fates('flaky', 8)]);
    expect(again.heard).toEqual(first.heard);
    expect(other.heard).not.toEqual(first.heard);
  });

  it('loses requests on their way and answers on theirs, when it is flaky', async () => {
    const { heard, reached, counts } = await fates('flaky', 1);
    expect(counts.lost).toBeGreaterThan(0);
    expect(counts.unanswered).toBeGreaterThan(0);
    expect(reached).toBe(40 - counts.lost);
    expect(count(heard, 'lost')).toBe(counts.lost + counts.unanswered);
    expect(count(heard, 200)).toBe(40 - counts.lost - counts.unanswered);
  });

  it('lets nothing through when it is offline, but the way back', async () => {
    const network = new Network();
    network.set(parseChaos('offline'));
    const world = await api(network);
    expect(await ask(`${world.url}/api`)).toBe('lost');
    expect(world.reached).toBe(0);
    const control = (body?: string) => fetch(`${world.url}/.local/chaos`, body === undefined ? {} : { method: 'PUT', body });
    expect(await (await control()).text()).toBe('offline (seed 1): no request arrives\n');
    expect((await control('sunny')).status).toBe(400);
    expect(await (await control('none')).text()).toBe('no chaos\n');
    expect(await ask(`${world.url}/api`)).toBe(200);
    expect((await fetch(`${world.url}/.local/chaos`, { headers: { origin: 'http://example.com' } })).status).toBe(403);
  });

  it('lets every request take effect when only answers are lost', async () => {
    const { heard, reached, counts } = await fates('lossy-answers', 1);
    expect(reached).toBe(40);
    expect(count(heard, 'lost')).toBe(counts.unanswered);
    expect(counts.unanswered).toBeGreaterThan(0);
  });

  it('answers with errors of the server, before and after the effect', async () => {
    const { heard, reached, counts } = await fates('server-errors', 1);
    expect(new Set(heard)).toEqual(new Set([200, 500, 503, 504]));
    expect(counts.errors).toBe(40 - count(heard, 200));
    expect(reached).toBeGreaterThan(count(heard, 200));
    expect(reached).toBeLessThan(40);
  });

  it('is a good one without a mode, and for preflights', async () => {
    const network = new Network();
    const world = await api(network);
    expect(await ask(`${world.url}/api`)).toBe(200);
    network.set(parseChaos('offline'));
    expect((await fetch(`${world.url}/api`, { method: 'OPTIONS' })).status).toBe(200);
  });

  it('takes its mode and seed from one word, and explains what it does not know', () => {
    expect(parseChaos('flaky')).toEqual({ mode: 'flaky', seed: 1 });
    expect(parseChaos('slow,seed=42')).toEqual({ mode: 'slow', seed: 42 });
    expect(parseChaos('none')).toBeUndefined();
    for (const text of ['', 'Flaky', 'flaky,seed', 'flaky,seed=x', 'flaky,seed=1,seed=2', 'toString']) {
      expect(() => parseChaos(text)).toThrow(Object.keys(MODES).join(', '));
    }
  });
});
