import { describe, expect, it } from 'vitest';
import { connect, disconnected, stillOpen } from '../../../src/service/live/connect.ts';
import { endExpired } from '../../../src/service/live/end-expired.ts';
import { claims, officer } from '../../support/builders.ts';
import { createLiveWorld, HOUR } from '../../support/live/live-world.ts';

const MINUTE = 60_000;

describe('who connects', () => {
  it('listens to what the token grants and nothing else (P10)', async () => {
    const world = createLiveWorld();
    await world.join('a');
    await world.join('b', officer('olga', 'roads', 'parks'));
    // Departments in the token of a citizen give nothing.
    await world.join('c', { sub: 'carl', departments: ['roads'] });
    expect((await world.connections.get('a'))?.scopes).toEqual(['user:alice']);
    expect((await world.connections.get('b'))?.scopes).toEqual(['user:olga', 'department:roads', 'department:parks']);
    expect((await world.connections.listeners('department:roads')).map(({ id }) => id)).toEqual(['b']);
  });

  it('as an admin hears that something changed somewhere', async () => {
    const world = createLiveWorld();
    await world.join('a', { role: 'admin' });
    expect((await world.connections.get('a'))?.scopes).toEqual(['user:alice', '*']);
  });

  it('is refused at the token’s exp, to the millisecond and without tolerance', async () => {
    const world = createLiveWorld();
    await expect(world.join('a', {}, 0)).rejects.toMatchObject({ code: 'token_expired' });
    await world.join('a', {}, 1);
    expect(await world.connections.get('a')).toBeDefined();
  });

  it('ends with the token, or before the gateway’s two hours are over', async () => {
    const world = createLiveWorld();
    await world.join('short', {}, HOUR);
    await world.join('long', { sub: 'bob' }, 100 * HOUR);
    expect((await world.connections.get('short'))?.endsAt).toBe(world.clock.now() + HOUR);
    expect((await world.connections.get('long'))?.endsAt).toBe(world.clock.now() + 2 * HOUR);
  });

  it('takes the place of the user’s oldest beyond twenty, and of nobody else’s', async () => {
    const world = createLiveWorld();
    await world.join('other', { sub: 'bob' });
    for (let i = 1; i <= 22; i++) {
      await world.join(`a-${i}`);
      await world.clock.advance(1000);
    }
    expect(world.sockets.closed).toEqual(['a-1', 'a-2']);
    expect((await world.connections.ofUser('alice')).map(({ id }) => id)).toEqual(Array.from({ length: 20 }, (_, i) => `a-${i + 3}`));
    expect(await world.connections.get('other')).toBeDefined();
  });

  it('gets in although the oldest can not be closed', async () => {
    const world = createLiveWorld();
    for (let i = 1; i <= 20; i++) await world.join(`a-${i}`);
    world.sockets.stuck.set('a-1', Promise.resolve());
    await world.join('a-21');
    expect(await world.connections.get('a-21')).toBeDefined();
    expect(world.report.lines.map(({ event }) => event)).toEqual(['eviction_failed']);
  });
});

describe('who is connected', () => {
  it('stays while the token lasts, and is closed by a ping after it', async () => {
    const world = createLiveWorld();
    await world.join('a');
    expect(await stillOpen(world, 'a')).toBe(true);
    await world.clock.advance(HOUR - 1);
    expect(await stillOpen(world, 'a')).toBe(true);
    await world.clock.advance(1);
    expect(await stillOpen(world, 'a')).toBe(false);
    expect(world.sockets.closed).toEqual(['a']);
    expect(await world.connections.get('a')).toBeUndefined();
  });

  it('is closed if nobody knows it', async () => {
    const world = createLiveWorld();
    expect(await stillOpen(world, 'x')).toBe(false);
    expect(world.sockets.closed).toEqual(['x']);
  });

  it('is forgotten when it hangs up, even twice', async () => {
    const world = createLiveWorld();
    await world.join('a');
    await disconnected(world, 'a');
    await disconnected(world, 'a');
    expect(await world.connections.listeners('user:alice')).toEqual([]);
    expect(world.sockets.closed).toEqual([]);
  });
});

describe('every minute', () => {
  it('what has expired is closed though it says and hears nothing, and nothing else is', async () => {
    const world = createLiveWorld();
    await world.join('a', {}, HOUR);
    await world.join('b', { sub: 'bob' }, HOUR + 5 * MINUTE);
    await world.clock.advance(HOUR - 1);
    expect(await endExpired(world)).toEqual({ ended: 0, failed: 0 });
    await world.clock.advance(MINUTE);
    expect(await endExpired(world)).toEqual({ ended: 1, failed: 0 });
    expect(world.sockets.closed).toEqual(['a']);
    expect(await world.connections.get('b')).toBeDefined();
  });

  it('of two that end in the same minute the one is closed that has', async () => {
    const world = createLiveWorld();
    await world.clock.advance(MINUTE - (world.clock.now() % MINUTE));
    await world.join('a', {}, HOUR + 10_000);
    await world.join('b', { sub: 'bob' }, HOUR + 50_000);
    await world.clock.advance(HOUR + 30_000);
    expect(await endExpired(world)).toEqual({ ended: 1, failed: 0 });
    expect(world.sockets.closed).toEqual(['a']);
  });

  it('a missed run is made up for', async () => {
    const world = createLiveWorld();
    await world.join('a', {}, HOUR);
    await world.clock.advance(HOUR + 3 * MINUTE);
    expect(await endExpired(world)).toEqual({ ended: 1, failed: 0 });
  });

  it('one that can not be closed keeps none of the others, and is tried again', async () => {
    const world = createLiveWorld();
    await world.join('a');
    await world.join('b', { sub: 'bob' });
    world.sockets.stuck.set('a', Promise.resolve());
    await world.clock.advance(HOUR);
    expect(await endExpired(world)).toEqual({ ended: 1, failed: 1 });
    world.sockets.stuck.clear();
    await world.clock.advance(MINUTE);
    expect(await endExpired(world)).toEqual({ ended: 1, failed: 0 });
    expect(world.sockets.closed).toEqual(['b', 'a']);
  });

  it('connections of the same id that are gone already are left alone', async () => {
    const world = createLiveWorld();
    await connect(world, 'a', { claims: claims(), expiresAt: world.clock.now() + HOUR });
    await disconnected(world, 'a');
    await world.clock.advance(HOUR);
    expect(await endExpired(world)).toEqual({ ended: 0, failed: 0 });
    expect(world.sockets.closed).toEqual([]);
  });
});
