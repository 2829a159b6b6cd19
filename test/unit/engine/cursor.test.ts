import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor, expired, following, NEW_HEAD, resume, type Cursor, type Head, type Position } from '../../../src/engine/cursor.ts';
import { iso } from '../../../src/engine/wire.ts';
import { TIMES } from '../../../src/protocol/limits.ts';
import { timestamp } from '../../../src/protocol/primitives.ts';
import { T0 } from '../../support/builders.ts';
import { jsonValues, texts } from '../../support/json-values.ts';

const LAST_MOMENT = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const count = fc.maxSafeNat();
const moment = fc.integer({ min: 0, max: LAST_MOMENT });
const position: fc.Arbitrary<Position> = fc.oneof(fc.record({ at: count, skip: count }), fc.record({ from: count, type: texts, after: texts }));
const cursors: fc.Arbitrary<Cursor> = fc.record({
  epoch: count,
  types: fc.array(texts, { maxLength: 4 }),
  scopes: fc.dictionary(fc.oneof(texts, fc.constantFrom('user:alice', '__proto__', 'constructor')), position, { maxKeys: 5 }),
  ts: moment,
  noted: moment,
});

describe('a cursor', () => {
  it('comes back as it was', () => {
    fc.assert(fc.property(cursors, (cursor) => {
      const back = decodeCursor(encodeCursor(cursor));
      expect(back && { ...back, scopes: Object.entries(back.scopes) }).toEqual({ ...cursor, scopes: Object.entries(cursor.scopes) });
    }));
  });

  it('is safe in a URL as it is', () => {
    fc.assert(fc.property(cursors, (cursor) => /^[A-Za-z0-9_-]+$/.test(encodeCursor(cursor))));
  });

  it('that is not ours is nothing, never an exception', () => {
    const parts = fc.oneof(jsonValues, fc.tuple(fc.constant(1), jsonValues, jsonValues, jsonValues, jsonValues, jsonValues));
    const encoded = parts.map((value) => Buffer.from(JSON.stringify(value)).toString('base64url'));
    const spoilt = fc.tuple(cursors, fc.nat(), fc.string({ maxLength: 3 })).map(([cursor, at, text]) => {
      const whole = encodeCursor(cursor);
      return whole.slice(0, at % whole.length) + text + whole.slice((at % whole.length) + 1);
    });
    fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.base64String(), encoded, spoilt), (text) => {
      const cursor = decodeCursor(text);
      if (!cursor) return;
      expect(decodeCursor(encodeCursor(cursor))).toEqual(cursor);
      for (const p of Object.values(cursor.scopes)) expect('at' in p ? p.at + p.skip : p.from).toBeGreaterThanOrEqual(0);
    }));
  });

  it('holds only times that can be told', () => {
    const text = (ts: number, noted: number) => encodeCursor({ epoch: 0, types: [], scopes: {}, ts, noted });
    expect(decodeCursor(text(LAST_MOMENT, 0))).toBeDefined();
    expect(decodeCursor(text(LAST_MOMENT + 1, 0))).toBeUndefined();
    expect(decodeCursor(text(0, Number.MAX_SAFE_INTEGER))).toBeUndefined();
    expect(timestamp.safeParse(iso(LAST_MOMENT)).success).toBe(true);
  });

  it('of another shape or version is nothing', () => {
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    expect(decodeCursor(encode([2, 0, [], [], 0, 0]))).toBeUndefined();
    expect(decodeCursor(encode([1, 0, [], [['user:a', 1]], 0, 0]))).toBeUndefined();
    expect(decodeCursor(encode([1, 0, [], [['user:a', 1, -1]], 0, 0]))).toBeUndefined();
    expect(decodeCursor(encode([1, 0, [], [['user:a', 1.5, 0]], 0, 0]))).toBeUndefined();
    expect(decodeCursor('')).toBeUndefined();
  });
});

describe('where a device goes on in a scope', () => {
  const head: Head = { ...NEW_HEAD, applied: 10, appliedAt: T0 };
  const at = (number: number, over: Partial<Cursor> = {}): Cursor => ({ epoch: 0, types: [], scopes: { s: { at: number, skip: 2 } }, ts: T0, noted: T0, ...over });

  it('is where it stood', () => {
    expect(resume(at(7), 's', head, 0, [])).toEqual({ position: { at: 7, skip: 2 } });
    const within: Position = { from: 7, type: 'note', after: 'note#n' };
    expect(resume(at(0, { scopes: { s: within } }), 's', head, 0, [])).toEqual({ position: within });
  });

  it('is a snapshot, without a reset, for a new device or a newly granted scope', () => {
    expect(resume(undefined, 's', head, 0, [])).toEqual({ position: 'snapshot' });
    expect(resume(at(7), 'other', head, 0, [])).toEqual({ position: 'snapshot' });
  });

  it.each([
    ['unknown', at(11), head, 0, []],
    ['types', at(7), head, 0, ['note']],
    ['restored', at(7), head, 1, []],
    ['restored', at(11, { epoch: 1 }), { ...head, applied: 1_000_003, epoch: 1, start: 1_000_000, end: 10 }, 1, []],
    ['restored', at(7, { epoch: 2 }), { ...head, applied: 2_000_003, epoch: 2, start: 2_000_000, end: 1_000_010 }, 2, []],
    ['restored', at(7, { epoch: 2 }), { ...head, applied: 2_000_003, epoch: 2, start: 2_000_000, end: 999_999 }, 2, []],
  ] as const)('is a snapshot with the reset %s', (reset, cursor, h, epoch, types) => {
    expect(resume(cursor, 's', h, epoch, [...types])).toEqual({ reset, position: 'snapshot' });
  });

  describe('after a restore', () => {
    const restored: Head = { applied: 1_000_003, appliedAt: T0, epoch: 1, start: 1_000_000, end: 10 };

    it('goes on at the new start from the old end, without a second reset', () => {
      expect(resume(at(10, { epoch: 1 }), 's', restored, 1, [])).toEqual({ position: { at: 999_999, skip: 0 } });
      const within: Position = { from: 10, type: 'note', after: 'x' };
      expect(resume(at(0, { epoch: 1, scopes: { s: within } }), 's', restored, 1, [])).toEqual({ position: within });
    });

    it('goes on before the old end, where the tables held commits that nobody had redone yet', () => {
      const later: Head = { ...restored, applied: 2_000_003, epoch: 2, start: 2_000_000, end: 1_000_010 };
      for (const [number, h] of [[0, restored], [7, restored], [999_999, later], [1_000_009, later]] as const) {
        expect(resume(at(number, { epoch: h.epoch }), 's', h, h.epoch, [])).toEqual({ position: { at: number, skip: 2 } });
        const within: Position = { from: number, type: 'note', after: 'x' };
        expect(resume(at(0, { epoch: h.epoch, scopes: { s: within } }), 's', h, h.epoch, [])).toEqual({ position: within });
      }
    });

    it('goes on from where it stood once it is beyond the start', () => {
      for (const number of [999_999, 1_000_000, 1_000_003]) {
        expect(resume(at(number, { epoch: 1 }), 's', restored, 1, [])).toEqual({ position: { at: number, skip: 2 } });
      }
    });

    it('finds the number that follows the old end at the new start', () => {
      expect(following(restored, 9)).toBe(10);
      expect(following(restored, 10)).toBe(1_000_000);
      expect(following(restored, 1_000_000)).toBe(1_000_001);
      expect(following(head, 0)).toBe(1);
    });
  });
});

describe('missing commits', () => {
  it('are expired only when the last of them is old enough, by a time that is known', () => {
    expect(expired(T0, T0 + TIMES.retentionMs)).toBe(true);
    expect(expired(T0, T0 + TIMES.retentionMs - 1)).toBe(false);
    expect(expired(0, T0)).toBe(false);
  });
});
