import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FieldStamps, Stamp } from '../../../src/engine/model.ts';
import { changedSince, covers, fieldsChangedByOthers, restamp, sameDevice, stampsOf, type Author } from '../../../src/engine/stamps.ts';
import { TIMES } from '../../../src/protocol/limits.ts';
import { action, row, stamp, T0 } from '../../support/builders.ts';

const MINUTE = 60_000;
const devices = fc.constantFrom({ sub: 'alice', device: 'a' }, { sub: 'alice', device: 'b' }, { sub: 'bob', device: 'a' });

describe('what an action was based on', () => {
  it('covers up to an exact version, whatever the times say', () => {
    const based = action({ baseVersion: 5, baseTime: T0 + 10 * MINUTE });
    expect(covers(based, stamp({ n: 5 }))).toBe(true);
    expect(covers(based, stamp({ n: 6 }))).toBe(false);
  });

  it('covers up to the version that a remembered sync_timestamp proves', () => {
    expect(covers(action({ baseKnown: 5 }), stamp({ n: 5 }))).toBe(true);
    expect(covers(action({ baseKnown: 5 }), stamp({ n: 6 }))).toBe(false);
  });

  it('covers by time only what was committed over two minutes before', () => {
    const based = action({ baseTime: T0 + 10 * MINUTE });
    expect(covers(based, stamp({ at: T0 + 10 * MINUTE - TIMES.baseTimeSlackMs - 1 }))).toBe(true);
    expect(covers(based, stamp({ at: T0 + 10 * MINUTE - TIMES.baseTimeSlackMs + 1 }))).toBe(false);
  });

  it('covers by time nothing above the newest remembered cursor before that time', () => {
    const based = action({ baseTime: T0 + 10 * MINUTE, baseCap: 5 });
    expect(covers(based, stamp({ n: 5, at: T0 }))).toBe(true);
    expect(covers(based, stamp({ n: 6, at: T0 }))).toBe(false);
  });

  it('covers nothing when nothing is known of it', () => {
    expect(covers(action(), stamp({ n: 1, at: 0 }))).toBe(false);
  });
});

describe('who changed a field since', () => {
  const me: Author = { sub: 'alice', device: 'phone', order: 5000 };

  it('is nobody that matters for this device’s own earlier work', () => {
    expect(changedSince(action(), me, [stamp({ order: 4000 })])).toBe('clear');
  });

  it('is this device, later in its order, even beside others', () => {
    const stamps = [stamp({ sub: 'bob', n: 9 }), stamp({ order: 6000 })];
    expect(changedSince(action(), me, stamps)).toBe('own-later');
  });

  it('is someone else when another user has a device of the same name', () => {
    expect(sameDevice(me, stamp({ sub: 'bob' }))).toBe(false);
    expect(changedSince(action(), me, [stamp({ sub: 'bob', order: 9000 })])).toBe('others');
  });

  it('is someone else even if this device changed the field after them', () => {
    const stamps = [stamp({ n: 9, order: 4000 }), stamp({ sub: 'bob', n: 8 })];
    expect(changedSince(action({ baseVersion: 7 }), me, stamps)).toBe('others');
    expect(changedSince(action({ baseVersion: 8 }), me, stamps)).toBe('clear');
  });
});

describe('the two stamps of a field', () => {
  const history = fc
    .array(devices, { minLength: 1, maxLength: 12 })
    .map((list) => list.map((who, i): Stamp => stamp({ ...who, n: i + 1, order: i * 1000 })));

  it('are the last change, and the last by another device than that one', () => {
    fc.assert(fc.property(history, (changes) => {
      const kept = changes.reduce<FieldStamps | undefined>(restamp, undefined);
      const last = changes.at(-1);
      expect(kept?.last).toEqual(last);
      expect(kept?.other).toEqual(changes.findLast((s) => last && !sameDevice(s, last)));
    }));
  });

  it('tell of every device and base what the whole history would tell', () => {
    fc.assert(fc.property(history, devices, fc.nat(12), (changes, who, baseVersion) => {
      const author = { ...who, order: 1_000_000 };
      const stamps = changes.reduce<FieldStamps | undefined>(restamp, undefined);
      const kept = stampsOf(row({ stamps: stamps ? { title: stamps } : {} }), 'title', false);
      const since = changes.some((s) => s.n > baseVersion && !sameDevice(author, s)) ? 'others' : 'clear';
      expect(changedSince(action({ baseVersion }), author, kept)).toBe(since);
    }));
  });

  it('give way to the creation’s where a field has none and the author may not have seen the record', () => {
    expect(stampsOf(row(), 'title', true)).toEqual([row().created]);
    expect(stampsOf(row(), 'title', false)).toEqual([]);
  });

  it('are none for a field that the creation did not set', () => {
    expect(stampsOf(row(), 'color', true)).toEqual([]);
  });
});

describe('fields changed by others', () => {
  it('are those with an uncovered stamp of another device', () => {
    const stamps = {
      title: { last: stamp({ n: 3, device: 'tablet' }) },
      color: { last: stamp({ n: 4 }) },
      body: { last: stamp({ n: 5 }), other: stamp({ n: 4, sub: 'bob' }) },
      labels: { last: stamp({ n: 2, sub: 'bob' }) },
    };
    const author = { sub: 'alice', device: 'phone', order: 9000 };
    expect(fieldsChangedByOthers(action({ baseVersion: 2 }), author, row({ stamps }))).toEqual(['title', 'body']);
    expect(fieldsChangedByOthers(action(), author, row({ stamps }))).toEqual(['title', 'body', 'labels']);
  });
});
