import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutBatches, epochNumber, inOrder, uploadOrder, type Routed } from '../../../src/engine/order.ts';
import { jsonBytes } from '../../../src/engine/value.ts';
import { LIMITS } from '../../../src/protocol/limits.ts';
import { action } from '../../support/builders.ts';

const routed = (i: number, over: Partial<Routed> = {}): Routed => ({
  action: action({ clientId: `a-${i}` }),
  scope: 'user:alice',
  record: undefined,
  priority: 5,
  ...over,
});

/** An upload: each record lives in one scope. */
const uploads = fc
  .array(fc.record({ record: fc.constantFrom('r1', 'r2', 'r3', 'r4', undefined), priority: fc.integer({ min: 0, max: 9 }) }), { maxLength: 80 })
  .map((list) => list.map((over, i) => routed(i, { ...over, scope: over.record === 'r4' ? 'department:roads' : 'user:alice' })));

const names = (list: readonly Routed[]) => list.map((r) => r.action.clientId);

describe('the order of an upload', () => {
  it('has every action once', () => {
    fc.assert(fc.property(uploads, (upload) => {
      expect(names(inOrder(upload)).sort()).toEqual(names(upload).sort());
    }));
  });

  it('keeps the given order per record (P3)', () => {
    fc.assert(fc.property(uploads, (upload) => {
      for (const record of ['r1', 'r2', 'r3', 'r4']) {
        const of = (list: readonly Routed[]) => names(list.filter((r) => r.record === record));
        expect(of(inOrder(upload))).toEqual(of(upload));
      }
    }));
  });

  it('takes records by the most urgent of their actions', () => {
    fc.assert(fc.property(uploads, (upload) => {
      const keyOf = (r: Routed) => r.record ?? r.action.clientId;
      const urgency = new Map<string, number>();
      for (const r of upload) urgency.set(keyOf(r), Math.min(r.priority, urgency.get(keyOf(r)) ?? 9));
      const order = inOrder(upload).map((r) => urgency.get(keyOf(r)) ?? 9);
      expect(order).toEqual(order.toSorted((a, b) => a - b));
    }));
  });

  it('is as given where all are as urgent', () => {
    const upload = [routed(1), routed(2, { record: 'r1' }), routed(3), routed(4, { record: 'r1' })];
    expect(names(inOrder(upload))).toEqual(['a-1', 'a-2', 'a-4', 'a-3']);
  });
});

describe('batches', () => {
  it('have one scope each, and keep the order within it', () => {
    fc.assert(fc.property(uploads, (upload) => {
      const batches = cutBatches(upload);
      for (const scope of ['user:alice', 'department:roads']) {
        const cut = batches.filter((batch) => batch.scope === scope).flatMap((batch) => batch.actions);
        expect(names(cut)).toEqual(names(upload.filter((r) => r.scope === scope)));
      }
    }));
  });

  it('fill up to their limits of actions and bytes', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: LIMITS.actionBytes }), { maxLength: 60 });
    fc.assert(fc.property(sizes, (list) => {
      const upload = list.map((size, i) => routed(i, { action: action({ clientId: `a-${i}`, data: { body: 'x'.repeat(size) } }) }));
      const batches = cutBatches(upload);
      const bytesOf = (actions: readonly Routed[]) => actions.reduce((sum, r) => sum + jsonBytes(r.action), 0);
      for (const [i, { actions }] of batches.entries()) {
        expect(actions.length).toBeLessThanOrEqual(LIMITS.batchActions);
        expect(bytesOf(actions)).toBeLessThanOrEqual(LIMITS.batchBytes);
        const [next] = batches[i + 1]?.actions ?? [];
        const couldTake = next && actions.length < LIMITS.batchActions && bytesOf([...actions, next]) <= LIMITS.batchBytes;
        expect(couldTake ?? false).toBe(false);
      }
      expect(batches.flatMap((batch) => names(batch.actions))).toEqual(names(upload));
    }), { numRuns: 30 });
  });

  it('name the action before, on the same record, where it went into another batch', () => {
    fc.assert(fc.property(uploads, (upload) => {
      const batches = cutBatches(inOrder(upload));
      for (const [i, { actions }] of batches.entries()) {
        const earlier = batches.slice(0, i).flatMap((batch) => batch.actions);
        for (const [k, { record, action: { after } }] of actions.entries()) {
          const first = record !== undefined && !actions.slice(0, k).some((r) => r.record === record);
          expect(after).toBe(first ? earlier.findLast((r) => r.record === record)?.action.clientId : undefined);
        }
      }
    }));
  });

  it('hold a single action that is larger than a batch', () => {
    const big = routed(1, { action: action({ data: { body: 'x'.repeat(LIMITS.batchBytes) } }) });
    expect(cutBatches([routed(0), big, routed(2)]).map((batch) => batch.actions.length)).toEqual([1, 1, 1]);
  });
});

describe('upload order', () => {
  it('grows with uploads, and within each with positions', () => {
    fc.assert(fc.property(fc.nat(1e9), fc.nat(LIMITS.actionsPerUpload - 1), fc.nat(LIMITS.actionsPerUpload - 1), (upload, a, b) => {
      expect(uploadOrder(upload, a)).toBeLessThan(uploadOrder(upload + 1, b));
      expect(Math.sign(uploadOrder(upload, a) - uploadOrder(upload, b))).toBe(Math.sign(a - b));
    }));
  });

  it('means two things never, before and after a restore', () => {
    expect(epochNumber(1, 1)).toBeGreaterThan(epochNumber(0, 999_999_999));
    expect(Number.isSafeInteger(uploadOrder(epochNumber(1000, 999_999_999), 499))).toBe(true);
  });
});
