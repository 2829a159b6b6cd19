import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryIds } from '../../../src/adapters/memory/ids.ts';
import type { BatchHeader, Inbox } from '../../../src/service/ports/inbox.ts';
import { looksWithin, waitFor } from '../../../src/service/wait.ts';
import { action, claims, T0 } from '../../support/builders.ts';
import { createWorld } from '../../support/world.ts';

const OWNER = { user: 'alice', device: 'phone' };

function header(batch: number, overrides: Partial<BatchHeader> = {}): BatchHeader {
  const entry = { clientId: `a-${batch}`, hash: 'h', actionType: 'update_note', entityType: 'note', record: `note#n-${batch}#x`, order: batch };
  return {
    owner: OWNER, batchId: `${batch}`, scope: 'user:alice', claims: claims(), acceptedAt: T0, actions: [entry], state: 'pending',
    attempts: 0, trying: 0, changedAt: T0, sends: 1, dueAt: T0, ...overrides,
  };
}

/** Waits with batches in the inbox; `removeAt`: when each goes, ms. Counts the looks. */
async function waited(batches: BatchHeader[], removeAt: (batch: number) => number, waitMs: number) {
  const world = createWorld({ auto: true });
  const { inbox } = world.ports;
  for (const one of batches) await inbox.put(one, [action()]);
  const begun = world.clock.now();
  const looks = { all: 0, one: 0 };
  const gone = async (): Promise<void> => {
    for (const one of batches) if (world.clock.now() - begun >= removeAt(Number(one.batchId))) await inbox.remove(one);
  };
  const looked: Pick<Inbox, 'headers' | 'header'> = {
    async headers(owner) {
      looks.all += 1;
      await gone();
      return inbox.headers(owner);
    },
    async header(owner, batchId) {
      looks.one += 1;
      await gone();
      return inbox.header(owner, batchId);
    },
  };
  const deps = { ...world.deps, inbox: { ...inbox, ...looked } };
  const left = await waitFor(deps, OWNER, batches.map(({ batchId }) => `a-${batchId}`), waitMs);
  return { left, looks, waitedMs: world.clock.now() - begun };
}

describe('waiting for outcomes', () => {
  it('looks as often as is counted with, whenever the worker is done', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3000 }), async (doneMs) => {
        const { looks, left } = await waited([header(1)], () => doneMs, 20_000);
        expect(left).toEqual([]);
        expect(looks).toEqual({ all: looksWithin(doneMs) + 1, one: 0 });
      }),
      { numRuns: 50 },
    );
  });

  it('reads of many batches mostly one', async () => {
    const batches = Array.from({ length: 9 }, (_, i) => header(1 + i));
    const { looks, left } = await waited(batches, (batch) => batch * 100, 20_000);
    expect(left).toEqual([]);
    expect(looks.one).toBeGreaterThan(looks.all);
  });

  it('ends as soon as what is left waits behind a dead batch', async () => {
    const dead = header(1, { state: 'dead' });
    const behind = header(2, { actions: [{ ...header(1).actions[0]!, clientId: 'a-2' }] });
    const { left, waitedMs } = await waited([dead, header(3), behind], (batch) => (batch === 3 ? 300 : Infinity), 20_000);
    expect(left.map(({ batchId }) => batchId)).toEqual(['1', '2']);
    expect(waitedMs).toBeLessThan(2000);
  });

  it('ends with the time, and says what is left', async () => {
    const random = createMemoryIds(3).random;
    for (let i = 0; i < 10; i++) {
      const waitMs = Math.floor(random() * 2000);
      const { left, waitedMs } = await waited([header(1), header(2)], (batch) => (batch === 1 ? 0 : Infinity), waitMs);
      expect(left.map(({ batchId }) => batchId)).toEqual(['2']);
      expect(waitedMs).toBe(waitMs);
    }
  });

  it('looks once at least, and does not sleep if there is no time', async () => {
    const { looks, waitedMs } = await waited([header(1)], () => Infinity, 0);
    expect([looks.all, waitedMs]).toEqual([1, 0]);
  });
});
