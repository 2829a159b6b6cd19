import { describe, expect, it } from 'vitest';
import { encodeCursor } from '../../../src/engine/cursor.ts';
import { basisOf } from '../../../src/service/basis.ts';

const HOME = 'user:alice';
const entry = (ts: number, at: number) => ({
  ts,
  cursor: encodeCursor({ epoch: 0, types: [], scopes: { [HOME]: { at, skip: 0 } }, ts, noted: 0 }),
});
const basis = (entries: Parameters<typeof basisOf>[0], times: { lastSync?: number; action?: number; presented?: number }) =>
  basisOf(entries, 0, { lastSync: times.lastSync, action: times.action, presented: times.presented ?? 8000 }, { home: HOME, type: 'report' });

describe('the base of an action without base_version (P4, design 5)', () => {
  it('is exactly what the remembered sync_timestamp had shown', () => {
    expect(basis([entry(1000, 4), entry(2000, 7)], { lastSync: 1000 })).toEqual({ baseKnown: 4 });
  });

  it('is the older of the two times', () => {
    expect(basis([entry(1000, 4)], { lastSync: 1000, action: 5000 })).toEqual({ baseKnown: 4 });
    expect(basis([entry(1000, 4), entry(9000, 8)], { lastSync: 9000, action: 5000 })).toEqual({ baseTime: 5000, baseCap: 4 });
  });

  it('never covers more than the newest remembered cursor at or before its time', () => {
    expect(basis([entry(1000, 4), entry(2000, 7), entry(8000, 9)], { action: 5000 })).toEqual({ baseTime: 5000, baseCap: 7 });
  });

  it('counts a page only once the device has come with its timestamp, or a later one', () => {
    expect(basis([entry(1000, 4), entry(2000, 7)], { action: 5000, presented: 1999 })).toEqual({ baseTime: 5000, baseCap: 4 });
    expect(basis([entry(1000, 4), entry(2000, 7)], { action: 5000, presented: 2000 })).toEqual({ baseTime: 5000, baseCap: 7 });
    expect(basis([entry(1000, 4)], { action: 5000, presented: 0 })).toEqual({});
  });

  it('does not count a page that was lost on its way, but exactly what the device says it has', () => {
    const lost = { ...entry(2000, 7), missed: true as const };
    expect(basis([entry(1000, 4), lost, entry(8000, 9)], { lastSync: 8000, action: 5000 })).toEqual({ baseTime: 5000, baseCap: 4 });
    expect(basis([entry(1000, 4), lost], { lastSync: 2000, action: 5000 })).toEqual({ baseKnown: 7 });
  });

  it('covers nothing before the first download that is remembered: a time proves no knowledge', () => {
    expect(basis([], { action: 5000 })).toEqual({});
    expect(basis([entry(8000, 9)], { lastSync: 6000, action: 5000 })).toEqual({});
  });

  it('covers nothing of a type that the device did not ask for', () => {
    const narrowed = (types: string[]) =>
      ({ ts: 1000, cursor: encodeCursor({ epoch: 0, types, scopes: { [HOME]: { at: 9, skip: 0 } }, ts: 1000, noted: 0 }) });
    expect(basis([narrowed(['profile', 'task'])], { lastSync: 1000 })).toEqual({});
    expect(basis([narrowed(['profile', 'task'])], { action: 5000 })).toEqual({ baseTime: 5000, baseCap: 0 });
    expect(basis([narrowed(['profile', 'report'])], { lastSync: 1000 })).toEqual({ baseKnown: 9 });
  });

  it('covers nothing of a scope of which the cursor had only part', () => {
    const cursor = encodeCursor({ epoch: 0, types: [], scopes: { [HOME]: { from: 9, type: 'report', after: '' } }, ts: 1000, noted: 0 });
    expect(basis([{ ts: 1000, cursor }], { lastSync: 1000 })).toEqual({});
  });
});
