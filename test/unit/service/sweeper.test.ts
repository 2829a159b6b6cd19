import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Trouble } from '../../../src/service/errors.ts';
import type { ParkedNote } from '../../../src/service/ports/inbox.ts';
import { sweep } from '../../../src/service/sweeper.ts';
import { gated, mortal } from '../../support/faults.ts';
import { createWorld, type World } from '../../support/world.ts';
import { entry, MINUTE, putBatch, queuedBatches, START_MS } from './rows.ts';

const headers = (world: World) => world.ports.inbox.rows().headers;

function parked(overrides: Partial<ParkedNote> = {}): ParkedNote {
  const note = { scope: 'department:roads', home: 'user:alice', n: 1, records: [{ type: 'report', entityId: 'r-1' }] };
  return { id: 'note-1', note, sends: 1, dueAt: START_MS + 4 * MINUTE, ...overrides };
}

describe('the sweeper', () => {
  test('sends a row that nobody takes 2, 4, 8 and then every 15 minutes after it was last sent', async () => {
    const world = createWorld();
    await putBatch(world, { dueAt: START_MS + 2 * MINUTE });
    const sentAt: number[] = [];
    for (let minute = 1; minute <= 65; minute++) {
      await world.clock.advance(MINUTE);
      if ((await sweep(world.deps)).batches > 0) sentAt.push(minute);
    }
    expect(sentAt).toEqual([2, 6, 14, 29, 44, 59]);
    // Every one under an id of its own: none was dropped as a duplicate.
    expect(queuedBatches(world).length).toBe(sentAt.length);
  });

  test('sends what is due and nothing else, each device and scope once', async () => {
    const world = createWorld();
    const due = { dueAt: START_MS };
    await putBatch(world, { batchId: '1-0', ...due });
    await putBatch(world, { batchId: '2-0', ...due });
    await putBatch(world, { batchId: '3-0', scope: 'department:roads', ...due });
    await putBatch(world, { owner: { user: 'alice', device: 'tablet' }, ...due });
    const later = await putBatch(world, { batchId: '4-0', owner: { user: 'bob', device: 'phone' }, dueAt: START_MS + 1 });
    const dead = await putBatch(world, { batchId: '5-0', owner: { user: 'carl', device: 'phone' }, state: 'dead', ...due });
    expect(await sweep(world.deps)).toEqual({ batches: 4, notes: 0, failed: 0, unreadable: 0 });
    expect(queuedBatches(world).sort()).toEqual(['alice/phone department:roads', 'alice/phone user:alice', 'alice/tablet user:alice']);
    expect(headers(world)).toEqual(expect.arrayContaining([later, dead]));
  });

  test('sends parked notes too, with the id under which a worker takes them away', async () => {
    const world = createWorld();
    await world.ports.inbox.park(parked({ dueAt: START_MS }));
    expect(await sweep(world.deps)).toEqual({ batches: 0, notes: 1, failed: 0, unreadable: 0 });
    expect(world.ports.queue.messages().map(({ message }) => message)).toEqual([{ kind: 'note', note: parked().note, parked: 'note-1' }]);
    expect(world.ports.inbox.rows().notes).toEqual([parked({ sends: 2, dueAt: START_MS + 4 * MINUTE })]);
  });

  test('gets through more rows than one page holds, in one run', async () => {
    const world = createWorld();
    for (let i = 0; i < 350; i++) await putBatch(world, { owner: { user: `user-${i % 200}`, device: 'phone' }, batchId: `${i}-0`, dueAt: START_MS - i });
    expect((await sweep(world.deps)).batches).toBe(350);
    expect(queuedBatches(world).length).toBe(200);
    expect((await sweep(world.deps)).batches).toBe(0);
  });

  test('wherever it dies, everything due is still sent, at the latest by the next run', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 8 }), fc.constantFrom('before' as const, 'after' as const), async (at, when) => {
        const world = createWorld();
        for (const device of ['a', 'b', 'c']) await putBatch(world, { owner: { user: 'alice', device }, dueAt: START_MS });
        await world.ports.inbox.park(parked({ dueAt: START_MS }));
        await sweep(mortal(world.deps, at, when).deps).catch(() => undefined);
        await sweep(world.deps);
        expect(new Set(queuedBatches(world)).size).toBe(3);
        expect(world.ports.queue.messages().some(({ message }) => message.kind === 'note')).toBe(true);
      }),
    );
  });

  test('moves nothing while the queue is down, so that all goes out in the first run after', async () => {
    const world = createWorld();
    const row = await putBatch(world, { dueAt: START_MS });
    const deps = gated(world.deps, ({ method, run }) => {
      if (method === 'send') throw new Trouble('down', undefined);
      return run();
    });
    for (let i = 0; i < 30; i++) await expect(sweep(deps)).rejects.toThrow(Trouble);
    expect(headers(world)).toEqual([row]);
    expect((await sweep(world.deps)).batches).toBe(1);
  });

  test('a row that can’t be moved does not keep the others from being sent', async () => {
    const world = createWorld();
    for (let i = 0; i < 150; i++) await putBatch(world, { owner: { user: `user-${i}`, device: 'phone' }, dueAt: START_MS - 1000 + i });
    const deps = gated(world.deps, ({ method, args, run }) => {
      if (method === 'change' && (args[0] as { owner: { user: string } }).owner.user === 'user-0') throw new Trouble('throttled', undefined);
      return run();
    });
    expect(await sweep(deps)).toEqual({ batches: 149, notes: 0, failed: 1, unreadable: 0 });
    expect(queuedBatches(world).length).toBe(150);
  });

  test('ends although an index goes on naming rows of this very run', async () => {
    const world = createWorld();
    const row = await putBatch(world, { dueAt: START_MS });
    const inbox = { ...world.deps.inbox, due: async () => ({ rows: [row], unreadable: 0 }) };
    expect((await sweep({ ...world.deps, inbox })).batches).toBe(1);
    expect(queuedBatches(world).length).toBe(1);
  });

  test('brings a batch whose message was lost to its outcome', async () => {
    const world = createWorld();
    await putBatch(world, { actions: [entry('a')] });
    await world.heal();
    expect(headers(world)).toEqual([]);
    expect(world.ports.actions.rows().map(({ clientId, status }) => [clientId, status])).toEqual([['a', 'success']]);
  });
});
