import { describe, expect, it } from 'vitest';
import { poke } from '../../../src/service/live/poke.ts';
import { Trouble } from '../../../src/service/errors.ts';
import { officer } from '../../support/builders.ts';
import { createLiveWorld, HOUR, PLENTY } from '../../support/live/live-world.ts';

describe('a poke', () => {
  it('goes to those whose token grants the scope, once per burst, and names only what they may hear of (P10)', async () => {
    const world = createLiveWorld();
    await world.join('alice');
    await world.join('bob', { sub: 'bob' });
    await world.join('olga', officer('olga', 'roads'));
    await world.join('root', { sub: 'root', role: 'admin' });
    const burst = ['user:alice', 'department:roads', 'user:alice', 'department:parks', 'user:alice'];
    expect(await poke(world, burst, PLENTY)).toEqual({ sent: 3, failed: [] });
    expect(world.sockets.sent.get('alice')).toEqual([{ type: 'changed', scopes: ['user:alice'] }]);
    expect(world.pokes('olga')).toEqual([['department:roads']]);
    expect(world.pokes('bob')).toEqual([]);
    expect(world.pokes('root')).toEqual([['*']]);
  });

  it('names all scopes of one connection in one message', async () => {
    const world = createLiveWorld();
    await world.join('olga', officer('olga', 'roads', 'parks'));
    await poke(world, ['department:roads', 'department:parks', 'user:olga'], PLENTY);
    expect(world.pokes('olga').map((scopes) => scopes.toSorted())).toEqual([['department:parks', 'department:roads', 'user:olga']]);
  });

  it('goes to nobody when nothing changed', async () => {
    const world = createLiveWorld();
    await world.join('root', { role: 'admin' });
    expect(await poke(world, [], PLENTY)).toEqual({ sent: 0, failed: [] });
  });

  it('never goes to a connection whose token has expired: it is closed instead', async () => {
    const world = createLiveWorld();
    await world.join('a');
    await world.clock.advance(HOUR);
    expect(await poke(world, ['user:alice'], PLENTY)).toEqual({ sent: 0, failed: [] });
    expect(world.sockets.sent.size).toBe(0);
    expect(world.sockets.closed).toEqual(['a']);
    expect(await world.connections.listeners('user:alice')).toEqual([]);
  });

  it('forgets whoever is gone, in all their scopes', async () => {
    const world = createLiveWorld();
    await world.join('olga', officer('olga', 'roads'));
    world.sockets.gone.add('olga');
    await poke(world, ['department:roads'], PLENTY);
    expect(await world.connections.get('olga')).toBeUndefined();
    expect(await world.connections.listeners('user:olga')).toEqual([]);
    expect(world.report.counts.get('pokes_gone')).toBe(1);
  });

  it('is heard by all others while some connections take nothing, and none of these is lost', async () => {
    const world = createLiveWorld();
    const slow = Promise.withResolvers<void>();
    for (let i = 0; i < 200; i++) {
      await world.join(`c-${i}`, officer(`o-${i}`, 'roads'));
      if (i % 10 === 0) world.sockets.stuck.set(`c-${i}`, slow.promise);
    }
    const running = poke(world, ['department:roads'], PLENTY);
    await expect.poll(() => world.sockets.sent.size).toBe(180);
    slow.resolve();
    expect(await running).toEqual({ sent: 180, failed: [] });
    expect(world.report.counts.get('pokes_failed')).toBe(20);
    expect(await world.connections.listeners('department:roads')).toHaveLength(200);
    // Nobody is waked for a poke: whoever missed it polls.
    expect(world.report.alarms()).toEqual([]);
  });

  it('is dropped and counted when there is no time left for it', async () => {
    const world = createLiveWorld();
    await world.join('a');
    expect(await poke(world, ['user:alice'], () => 100)).toEqual({ sent: 0, failed: [] });
    expect(world.report.counts.get('pokes_late')).toBe(1);
  });

  it('of a scope whose listeners can not be read comes again; the others go out', async () => {
    const world = createLiveWorld();
    await world.join('alice');
    await world.join('bob', { sub: 'bob' });
    const { listeners } = world.connections;
    const connections = {
      ...world.connections,
      listeners: (scope: string) => (scope === 'user:alice' ? Promise.reject(new Trouble('DynamoDB Query', undefined)) : listeners(scope)),
    };
    expect(await poke({ ...world, connections }, ['user:alice', 'user:bob'], PLENTY)).toEqual({ sent: 1, failed: ['user:alice'] });
    expect(world.pokes('bob')).toHaveLength(1);
    expect(JSON.stringify(world.report.lines)).not.toContain('alice');
  });
});
