import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Commit } from '../../../src/engine/model.ts';
import { Trouble } from '../../../src/service/errors.ts';
import { requeue } from '../../../src/service/requeue.ts';
import { gated, mortal } from '../../support/faults.ts';
import { createWorld, type World } from '../../support/world.ts';
import { HOUR, putBatch, queuedBatches, report, START_MS } from './rows.ts';

const DAY = 24 * HOUR;

function commit(n: number, at: number, prevAt: number, scope = 'user:alice'): Commit {
  const row = report({ scope, home: scope, entityId: `r-${n}`, version: n, n });
  return { scope, n, at, prevAt, changes: [{ row, to: ['department:roads'] }], outcomes: [], conflicts: [] };
}

/** Puts commits of these numbers at these times, all of them applied. */
async function putLog(world: World, entries: readonly { n: number; at: number }[], scope = 'user:alice'): Promise<void> {
  let prevAt = 0;
  for (const { n, at } of entries) {
    await world.ports.log.put(commit(n, at, prevAt, scope));
    prevAt = at;
  }
  const last = entries.at(-1);
  if (last) await world.ports.log.advance(scope, last.n, last.at, 0);
}

const notedCommits = (world: World) =>
  world.ports.queue.messages().flatMap(({ message }) => (message.kind === 'note' && message.parked === undefined ? [message.note.n] : []));

describe('requeue', () => {
  test('sends every pending batch, due or not, each device and scope once, and no dead one', async () => {
    const world = createWorld();
    for (let i = 0; i < 250; i++) {
      await putBatch(world, { owner: { user: `user-${i % 120}`, device: 'phone' }, batchId: `${i}-0`, dueAt: START_MS + i * HOUR });
    }
    await putBatch(world, { owner: { user: 'zoe', device: 'phone' }, state: 'dead' });
    expect(await requeue(world.deps)).toMatchObject({ batches: 250, failed: 0 });
    expect(queuedBatches(world).length).toBe(120);
    expect(new Set(queuedBatches(world)).size).toBe(120);
  });

  test('sends every parked note, due or not', async () => {
    const world = createWorld();
    const note = { scope: 'department:roads', home: 'user:alice', n: 1, records: [] };
    for (let i = 0; i < 30; i++) await world.ports.inbox.park({ id: `p-${i}`, note, sends: 1, dueAt: START_MS + HOUR });
    expect(await requeue(world.deps)).toMatchObject({ parked: 30 });
    expect(world.ports.queue.messages().length).toBe(30);
  });

  test('sends the notes of exactly the last 14 days, however long the log and wherever its numbers jump', async () => {
    const logs = fc.array(fc.record({ hours: fc.integer({ min: 0, max: 30 }), jumps: fc.integer({ min: 0, max: 60 }).map((x) => x === 0) }), {
      minLength: 1,
      maxLength: 500,
      size: 'max',
    });
    await fc.assert(
      fc.asyncProperty(logs, async (steps) => {
        const world = createWorld();
        let [n, at] = [0, START_MS - steps.reduce((sum, { hours }) => sum + hours, 0) * HOUR];
        const entries = steps.map(({ hours, jumps }) => {
          n = jumps ? (Math.floor(n / 1_000_000) + 1) * 1_000_000 : n + 1;
          at += hours * HOUR;
          return { n, at };
        });
        await putLog(world, entries);
        const recent = entries.filter((entry) => entry.at >= START_MS - 14 * DAY).map((entry) => entry.n);
        expect((await requeue(world.deps)).notes).toBe(recent.length);
        expect(notedCommits(world).sort((a, b) => a - b)).toEqual(recent);
      }),
      { numRuns: 30 },
    );
  });

  test('after a restore sends the notes that the queue may have held at that second, however long ago it is', async () => {
    const world = createWorld();
    const restoredTo = START_MS - 30 * DAY;
    await putLog(world, [{ n: 1, at: restoredTo - 15 * DAY }, { n: 2, at: restoredTo - 13 * DAY }, { n: 3, at: restoredTo - 1 }]);
    expect(await requeue(world.deps)).toMatchObject({ notes: 0 });
    expect(await requeue(world.deps, { restoredTo })).toMatchObject({ notes: 2 });
    expect(notedCommits(world).sort()).toEqual([2, 3]);
  });

  test('ends before its time is up and says where, and goes on from there to the last scope', async () => {
    const world = createWorld();
    const scopes = Array.from({ length: 50 }, (_, i) => `user:u-${i}`);
    for (const scope of scopes) await putLog(world, [{ n: 1, at: START_MS }], scope);
    await putBatch(world);
    const slow = gated(world.deps, async ({ port, method, run }) => {
      if (port === 'log' && method === 'head') await world.clock.advance(9000);
      return run();
    });
    const runs = [await requeue(slow)];
    for (let next = runs[0]?.next; next !== undefined; next = runs.at(-1)?.next) runs.push(await requeue(slow, { after: next }));
    expect(runs.length).toBe(2);
    expect(runs.map(({ batches }) => batches)).toEqual([1, 0]);
    const homes = world.ports.queue.messages().flatMap(({ message }) => (message.kind === 'note' ? [message.note.home] : []));
    expect(homes.sort()).toEqual(scopes.sort());
  });

  test('does not look for commits in the gap that a new epoch leaves', async () => {
    const world = createWorld();
    await putLog(world, [{ n: 1, at: START_MS - DAY }, { n: 5_000_000, at: START_MS }]);
    let reads = 0;
    const deps = gated(world.deps, ({ method, run }) => {
      if (method === 'read') reads++;
      return run();
    });
    expect((await requeue(deps)).notes).toBe(2);
    expect(reads).toBeLessThan(10);
  });

  test('sends notes that were sent before, and again on every run', async () => {
    const world = createWorld();
    await putLog(world, [{ n: 1, at: START_MS }]);
    await requeue(world.deps);
    await requeue(world.deps);
    expect(notedCommits(world)).toEqual([1, 1]);
  });

  test('redoes every log to its end first', async () => {
    const world = createWorld();
    await putBatch(world);
    await requeue(world.deps);
    // Dies right after the commit is put: nothing of it is written yet.
    const worker = mortal(world.deps, 1, 'after');
    await world.deliver({ deps: worker.deps });
    expect(worker.diedAt()).toBe('log.put');
    await world.ports.log.advance('user:alice', 0, 0, 0);
    expect(await requeue(world.deps)).toMatchObject({ scopes: 1, notes: 1 });
    expect((await world.ports.log.head('user:alice')).applied).toBe(1);
    expect(world.ports.actions.rows().length).toBe(1);
  });

  test('goes on with the other scopes when one is in trouble, and says so', async () => {
    const world = createWorld();
    for (const user of ['alice', 'bob', 'carl']) await putLog(world, [{ n: 1, at: START_MS }], `user:${user}`);
    const deps = gated(world.deps, ({ port, method, args, run }) => {
      if (port === 'log' && method === 'read' && args[0] === 'user:bob') throw new Trouble('throttled', undefined);
      return run();
    });
    expect(await requeue(deps)).toMatchObject({ scopes: 2, notes: 2, failed: 1 });
    expect(world.report.alarms()).toEqual(['requeue_failed']);
  });
});
