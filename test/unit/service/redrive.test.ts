import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BatchHeader } from '../../../src/service/ports/inbox.ts';
import { Trouble } from '../../../src/service/errors.ts';
import { batchRef } from '../../../src/service/batch-ref.ts';
import { redrive, redriveResent } from '../../../src/service/redrive.ts';
import { createWorld, type World } from '../../support/world.ts';
import { ADMIN, ALICE, entry, HOUR, MINUTE, putBatch, queuedBatches, ROADS, START_MS } from './rows.ts';

const refOf = ({ owner, batchId }: BatchHeader) => batchRef(owner, batchId);
const stored = (world: World, { owner, batchId }: BatchHeader) => world.ports.inbox.header(owner, batchId);

/** A batch that five unknown errors killed. */
function putDead(world: World, overrides: Partial<BatchHeader> = {}): Promise<BatchHeader> {
  return putBatch(world, { state: 'dead', attempts: 5, trying: 1, lastError: 'TypeError', ...overrides });
}

describe('redrive', () => {
  test('makes a dead batch pending with all its tries before it, notes who did it, and sends it at once', async () => {
    const world = createWorld();
    const dead = await putDead(world);
    await world.clock.advance(HOUR);
    expect(await redrive(world.deps, ADMIN, { batch_ids: [refOf(dead)] })).toEqual({ success: true, redriven: 1, discarded: 0 });
    const now = START_MS + HOUR;
    expect(await stored(world, dead)).toEqual({
      ...dead, state: 'pending', attempts: 0, trying: 0, sends: 1, changedAt: now, dueAt: now + 2 * MINUTE, redriven: { by: ADMIN, at: now },
    });
    expect(queuedBatches(world)).toEqual(['alice/phone user:alice']);
  });

  test('lets the batch, and what waited behind it, go on to their outcomes', async () => {
    const world = createWorld();
    const dead = await putDead(world, { batchId: '1-0', actions: [entry('first')] });
    const behind = { ...entry('second'), actionType: 'update_report', order: 2000 };
    await putBatch(world, { batchId: '2-0', actions: [behind] });
    await redrive(world.deps, ADMIN, { batch_ids: [refOf(dead)] });
    await world.settle();
    expect((await world.results(ALICE, 'phone', ['first', 'second'])).map(({ status }) => status)).toEqual(['success', 'success']);
    expect(world.ports.inbox.rows().headers).toEqual([]);
  });

  test('with discard ends every action of the batch as rejected: discarded', async () => {
    const world = createWorld();
    const dead = await putDead(world, { actions: [entry('a'), entry('b', 'r-2')] });
    expect(await redrive(world.deps, ADMIN, { batch_ids: [refOf(dead)], discard: true })).toEqual({ success: true, redriven: 0, discarded: 1 });
    await world.settle();
    const results = await world.results(ALICE, 'phone', ['a', 'b']);
    expect(results.map(({ status, error }) => [status, error?.code])).toEqual([['rejected', 'discarded'], ['rejected', 'discarded']]);
  });

  test('of all takes every dead batch once, over many pages, and no other; one message per device and scope', async () => {
    const world = createWorld();
    for (let i = 0; i < 250; i++) {
      const batchId = `${String(i).padStart(15, '0')}-000`;
      await putDead(world, { batchId, owner: { user: 'alice', device: `phone-${i % 3}` }, dueAt: i });
    }
    const pending = await putBatch(world, { batchId: '9-0' });
    expect(await redrive(world.deps, ADMIN, { all: true })).toEqual({ success: true, redriven: 250, discarded: 0 });
    expect(world.ports.inbox.rows().headers.every(({ state }) => state === 'pending')).toBe(true);
    expect(await stored(world, pending)).toEqual(pending);
    expect(new Set(queuedBatches(world)).size).toBe(3);
  });

  test('passes over what is unknown, named twice, not dead, or no name at all', async () => {
    const world = createWorld();
    const dead = await putDead(world);
    const pending = await putBatch(world, { batchId: '2-0' });
    const refs = [refOf(dead), refOf(dead), refOf(pending), batchRef({ user: 'zoe', device: 'x' }, '1-0'), 'rubbish'];
    expect(await redrive(world.deps, ADMIN, { batch_ids: refs })).toMatchObject({ redriven: 1 });
    expect(await redrive(world.deps, ADMIN, { batch_ids: refs })).toMatchObject({ redriven: 0 });
    expect(await stored(world, pending)).toEqual(pending);
  });

  test('goes to its end even when the queue is down: the sweeper finds what has become pending', async () => {
    const world = createWorld();
    const dead = await putDead(world);
    const queue = { ...world.deps.queue, send: () => Promise.reject(new Trouble('down', undefined)) };
    await expect(redrive({ ...world.deps, queue }, ADMIN, { all: true })).rejects.toThrow(Trouble);
    await world.heal();
    expect(await stored(world, dead)).toBeUndefined();
    expect((await world.results(ALICE, 'phone', [dead.actions[0]?.clientId ?? ''])).map(({ status }) => status)).toEqual(['success']);
  });

  test('is for admins only, and needs to be told what', async () => {
    const world = createWorld();
    await putDead(world);
    for (const claims of [ALICE, ROADS]) {
      await expect(redrive(world.deps, claims, { all: true })).rejects.toMatchObject({ code: 'forbidden' });
    }
    for (const request of [{}, { all: false }, { batch_ids: null, discard: true }]) {
      await expect(redrive(world.deps, ADMIN, request)).rejects.toMatchObject({ code: 'validation_failed' });
    }
    expect(queuedBatches(world)).toEqual([]);
  });
});

describe('a dead action that its device sends again', () => {
  test('is redriven at most once an hour, whenever it is sent', async () => {
    const minutes = fc.array(fc.integer({ min: 0, max: 90 }), { minLength: 1, maxLength: 15 });
    await fc.assert(
      fc.asyncProperty(minutes, async (pauses) => {
        const world = createWorld();
        await putDead(world);
        const redriven: number[] = [];
        let refusedAt: number | undefined;
        for (const pause of pauses) {
          await world.clock.advance(pause * MINUTE);
          // It dies again and again.
          const [row] = world.ports.inbox.rows().headers;
          if (!row) throw new Error('the batch is gone');
          const dead = { ...row, state: 'dead' as const };
          await world.ports.inbox.put(dead, []);
          const now = world.clock.now();
          if (await redriveResent(world.deps, dead, ALICE)) redriven.push(now);
          else refusedAt = now;
          const last = redriven.at(-1) ?? 0;
          if (refusedAt === now) expect(now - last).toBeLessThan(HOUR);
        }
        for (const [i, at] of redriven.entries()) expect(at - (redriven[i - 1] ?? 0)).toBeGreaterThanOrEqual(HOUR);
        expect(redriven.length).toBeGreaterThan(0);
      }),
      { numRuns: 50 },
    );
  });

  test('is not redriven when it is not dead, or when someone was faster', async () => {
    const world = createWorld();
    const pending = await putBatch(world);
    expect(await redriveResent(world.deps, pending, ALICE)).toBe(false);
    const dead = await putDead(world, { batchId: '2-0' });
    expect(await redriveResent(world.deps, dead, ALICE)).toBe(true);
    expect(await redriveResent(world.deps, dead, ALICE)).toBe(false);
    expect((await stored(world, dead))?.redriven).toEqual({ by: ALICE, at: START_MS });
  });
});
