import { describe, expect, it } from 'vitest';
import { createMemoryIds } from '../../../src/adapters/memory/ids.ts';
import { createMemoryPorts } from '../../../src/adapters/memory/ports.ts';
import { TestClock } from '../../../src/adapters/memory/test-clock.ts';
import { TIMES } from '../../../src/protocol/limits.ts';
import type { Message } from '../../../src/service/ports/queue.ts';
import { commit, row, T0 } from '../../support/builders.ts';

const message: Message = { kind: 'batches', scope: 'user:alice', owner: { user: 'alice', device: 'phone' } };

describe('a clock that a test holds', () => {
  it('stands still until it is moved', async () => {
    const clock = new TestClock({ now: T0 });
    let awake = false;
    void clock.sleep(10).then(() => (awake = true));
    await clock.advance(9);
    expect([clock.now(), awake, clock.sleeping]).toEqual([T0 + 9, false, 1]);
    await clock.advance(1);
    expect([clock.now(), awake, clock.sleeping]).toEqual([T0 + 10, true, 0]);
  });

  it.each([
    ['moved by hand', false],
    ['going on by itself', true],
  ])('wakes everyone at their own time, %s', async (_, auto) => {
    const clock = new TestClock({ now: T0, auto });
    const woken: [string, number][] = [];
    const walk = async (name: string, ...steps: number[]) => {
      for (const ms of steps) {
        await clock.sleep(ms);
        woken.push([name, clock.now() - T0]);
      }
    };
    const walks = Promise.all([walk('a', 30, 30), walk('b', 20, 20, 5), walk('c', 0)]);
    if (!auto) await clock.advance(100);
    await walks;
    expect(woken).toEqual([['c', 0], ['b', 20], ['a', 30], ['b', 40], ['b', 45], ['a', 60]]);
  });
});

describe('the queue in memory', () => {
  const world = () => {
    const clock = new TestClock();
    return { ...createMemoryPorts({ clock, queue: { visibilitySeconds: 30, maxReceiveCount: 3 } }), clock };
  };

  it('gives a message again when its time is up, and counts', async () => {
    const { clock, queue } = world();
    await queue.send([{ id: '1', message }]);
    expect(await queue.receive()).toMatchObject([{ receives: 1 }]);
    await clock.advance(29_999);
    expect(await queue.receive()).toEqual([]);
    await clock.advance(1);
    expect(await queue.receive()).toMatchObject([{ receives: 2 }]);
  });

  it('lets only the last receiver complete a message, and only in time', async () => {
    const { clock, queue } = world();
    await queue.send([{ id: '1', message }]);
    const [first] = await queue.receive();
    await clock.advance(30_000);
    expect(await queue.delete(first?.receipt ?? '')).toBe(false);
    const [second] = await queue.receive();
    expect(await queue.delete(first?.receipt ?? '')).toBe(false);
    expect(await queue.delete(second?.receipt ?? '')).toBe(true);
    expect(queue.messages()).toEqual([]);
  });

  it('lays a message that came too often to the dead letters, and goes on with the group', async () => {
    const { clock, queue, deadLetters } = world();
    await queue.send([{ id: '1', message }, { id: '2', message: { ...message, owner: { user: 'alice', device: 'desk' } } }]);
    for (let i = 0; i < 3; i++) {
      expect(await queue.receive(1)).toMatchObject([{ message: { owner: { device: 'phone' } } }]);
      await clock.advance(30_000);
    }
    expect(await queue.receive(1)).toMatchObject([{ message: { owner: { device: 'desk' } }, receives: 1 }]);
    expect(await deadLetters.receive()).toMatchObject([{ message, receives: 1 }]);
  });

  it('forgets an id after five minutes', async () => {
    const { clock, queue } = world();
    await queue.send([{ id: '1', message }]);
    await clock.advance(299_999);
    await queue.send([{ id: '1', message }]);
    expect(queue.messages()).toHaveLength(1);
    await clock.advance(1);
    await queue.send([{ id: '1', message }]);
    expect(queue.messages()).toHaveLength(2);
  });
});

describe('expiry in memory', () => {
  it('drops old commits, tombstones and aliases that are not live, and nothing else', async () => {
    const clock = new TestClock({ now: T0 });
    const { log, entities, expire } = createMemoryPorts({ clock });
    await log.put(commit({ n: 1, at: T0 }));
    await log.put(commit({ n: 2, at: T0 + 1 }));
    await entities.put(row({ entityId: 'live' }));
    await entities.put(row({ entityId: 'gone', state: 'deleted' }));
    expire(T0 + TIMES.retentionMs - 1);
    expect(entities.rows()).toHaveLength(2);
    expire(T0 + TIMES.retentionMs);
    expect((await log.read('user:alice', 0, 9, { strong: true })).commits.map((c) => c.n)).toEqual([2]);
    expect(entities.rows().map((r) => r.entityId)).toEqual(['live']);
  });
});

describe('ids in memory', () => {
  it('are the same on every run of one seed, and differ between seeds', () => {
    const take = (seed: number) => {
      const ids = createMemoryIds(seed);
      return Array.from({ length: 50 }, () => ids.uuid());
    };
    expect(take(1)).toEqual(take(1));
    expect(new Set([...take(1), ...take(2)]).size).toBe(100);
    expect(take(3)[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
