import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FieldSpec } from '../../../src/engine/domain.ts';
import { applyOperator, distinct, operatorOf, sameValue, type Operator } from '../../../src/engine/operators.ts';
import type { Json } from '../../../src/protocol/json.ts';
import { jsonValues } from '../../support/json-values.ts';

const spec = (kind: FieldSpec['kind']): FieldSpec => ({ kind, merge: 'latest', check: () => undefined });
const items = fc.array(fc.constantFrom<Json>('a', 'b', 'c', 'd', 1, 2), { maxLength: 6 });
const as = (op: 'add' | 'remove') => (list: Json[]): Operator => ({ op, items: list });

describe('operators', () => {
  it('count up and down from nothing as from zero', () => {
    expect(applyOperator({ op: 'inc', by: 2 }, undefined)).toBe(2);
    expect(applyOperator({ op: 'inc', by: -2 }, null)).toBe(-2);
  });

  it('on counters give the same sum in any order', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: -1000, max: 1000 })), (steps) => {
      const sum = (list: number[]) => list.reduce<Json>((value, by) => applyOperator({ op: 'inc', by }, value), 0);
      expect(sum(steps)).toBe(sum(steps.toReversed()));
    }));
  });

  it('add and remove items once, however often they are applied', () => {
    fc.assert(fc.property(items, items, fc.constantFrom('add' as const, 'remove' as const), (set, list, op) => {
      const once = applyOperator(as(op)(list), distinct(set));
      expect(applyOperator(as(op)(list), once)).toEqual(once);
      expect(distinct(once as Json[])).toEqual(once);
    }));
  });

  it('leave in a set exactly what was there or added, and not removed', () => {
    fc.assert(fc.property(items, items, items, (set, added, removed) => {
      const result = applyOperator(as('remove')(removed), applyOperator(as('add')(added), set)) as Json[];
      expect(new Set(result)).toEqual(new Set([...set, ...added].filter((item) => !removed.includes(item))));
    }));
  });

  it('are read only where the kind of the field allows them', () => {
    expect(operatorOf(spec('counter'), { $inc: 2 })).toEqual({ op: 'inc', by: 2 });
    expect(operatorOf(spec('set'), { $add: ['a'] })).toEqual({ op: 'add', items: ['a'] });
    expect(operatorOf(spec('set'), { $remove: ['a'] })).toEqual({ op: 'remove', items: ['a'] });
    expect(operatorOf(spec('scalar'), { $inc: 2 })).toBeUndefined();
    expect(operatorOf(spec('set'), { $inc: 2 })).toBeUndefined();
    expect(operatorOf(spec('counter'), { $add: ['a'] })).toBeUndefined();
  });

  it('stand alone, with an operand that fits', () => {
    expect(operatorOf(spec('counter'), { $inc: 2, $add: [] })).toBeUndefined();
    expect(operatorOf(spec('counter'), { $inc: 1.5 })).toBeUndefined();
    expect(operatorOf(spec('counter'), { $inc: 2 ** 53 })).toBeUndefined();
    expect(operatorOf(spec('set'), { $add: 'a' })).toBeUndefined();
    expect(operatorOf(spec('set'), {})).toBeUndefined();
  });

  it('are never found in plain values', () => {
    fc.assert(fc.property(jsonValues, fc.constantFrom('scalar' as const, 'text' as const), (value, kind) => {
      expect(operatorOf(spec(kind), value)).toBeUndefined();
    }));
  });
});

describe('values of a set', () => {
  it('keep the first place of each item', () => {
    expect(distinct(['b', { x: 1, y: 2 }, 'a', 'b', { y: 2, x: 1 }, 1, '1'])).toEqual(['b', { x: 1, y: 2 }, 'a', 1, '1']);
  });

  it('are the same exactly when they hold the same items', () => {
    fc.assert(fc.property(items, items, (a, b) => {
      const same = a.every((item) => b.includes(item)) && b.every((item) => a.includes(item));
      expect(sameValue(spec('set'), a, b)).toBe(same);
    }));
  });

  it('differ when one holds an item twice that the other holds once beside another', () => {
    expect(sameValue(spec('set'), ['a', 'a'], ['a', 'b'])).toBe(false);
  });
});

describe('values of other fields', () => {
  it('are the same when cleared or missing', () => {
    expect(sameValue(spec('scalar'), null, undefined)).toBe(true);
    expect(sameValue(undefined, undefined, null)).toBe(true);
  });

  it('mind the order of a list', () => {
    expect(sameValue(spec('scalar'), ['a', 'b'], ['b', 'a'])).toBe(false);
  });
});
