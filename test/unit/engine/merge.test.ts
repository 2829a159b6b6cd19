import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareLines } from '../../../src/adapters/diff3/compare-lines.ts';
import type { FieldSpec, MergeRule } from '../../../src/engine/domain.ts';
import { mergeField, type MergeSides } from '../../../src/engine/merge.ts';
import type { Json } from '../../../src/protocol/json.ts';

function merge(rule: MergeRule, sides: Partial<MergeSides>): Json {
  const spec: FieldSpec = { kind: 'scalar', merge: rule, check: () => undefined };
  return mergeField(spec, { base: undefined, mine: null, theirs: null, mineIsLater: false, ...sides }, compareLines);
}

const sets = fc.uniqueArray(fc.constantFrom<Json>('a', 'b', 'c', 'd', 'e'), { maxLength: 5 });
const texts = fc.array(fc.constantFrom('one', 'two', 'three', ''), { maxLength: 6 }).map((lines) => lines.join('\n'));

describe('latest', () => {
  it('is the later action; a tie goes to the server', () => {
    expect(merge('latest', { mine: 'm', theirs: 't', mineIsLater: true })).toBe('m');
    expect(merge('latest', { mine: 'm', theirs: 't', mineIsLater: false })).toBe('t');
  });

  it('gives null for a field that the server does not have', () => {
    expect(merge('latest', { mine: 'm', theirs: undefined })).toBeNull();
  });

  it('stands in for every rule whose values do not fit it', () => {
    fc.assert(fc.property(fc.constantFrom<MergeRule>('text', 'union', 'max', 'min'), fc.boolean(), (rule, mineIsLater) => {
      expect(merge(rule, { base: 'b', mine: null, theirs: true, mineIsLater })).toBe(mineIsLater ? null : true);
    }));
  });
});

describe('max and min', () => {
  it('are the greater and the smaller number, whoever was later', () => {
    fc.assert(fc.property(fc.integer(), fc.integer(), fc.boolean(), (mine, theirs, mineIsLater) => {
      expect(merge('max', { mine, theirs, mineIsLater })).toBe(Math.max(mine, theirs));
      expect(merge('min', { mine, theirs, mineIsLater })).toBe(Math.min(mine, theirs));
    }));
  });
});

describe('union', () => {
  it('has every item of both sides where the old set is unknown', () => {
    fc.assert(fc.property(sets, sets, (mine, theirs) => {
      expect(new Set(merge('union', { mine, theirs }) as Json[])).toEqual(new Set([...mine, ...theirs]));
    }));
  });

  it('keeps removed what either side removed from the old set', () => {
    fc.assert(fc.property(sets, sets, sets, (base, mine, theirs) => {
      const merged = merge('union', { base, mine, theirs }) as Json[];
      for (const item of ['a', 'b', 'c', 'd', 'e']) {
        const [wasIn, inMine, inTheirs] = [base.includes(item), mine.includes(item), theirs.includes(item)];
        expect(merged.includes(item)).toBe(wasIn ? inMine && inTheirs : inMine || inTheirs);
      }
    }));
  });

  it('does not depend on who was later', () => {
    fc.assert(fc.property(sets, sets, sets, (base, mine, theirs) => {
      const sides = { base, mine, theirs };
      expect(merge('union', { ...sides, mineIsLater: true })).toEqual(merge('union', { ...sides, mineIsLater: false }));
    }));
  });
});

describe('text', () => {
  it('keeps the edits of different lines of both sides', () => {
    const base = 'one\ntwo\nthree\nfour\nfive';
    const mine = 'ONE\ntwo\nthree\nfour\nfive';
    const theirs = 'one\ntwo\nthree\nfour\nfive\nsix';
    expect(merge('text', { base, mine, theirs })).toBe('ONE\ntwo\nthree\nfour\nfive\nsix');
  });

  it('takes the lines of the later side where both changed the same ones', () => {
    const sides = { base: 'a\nb\nc', mine: 'a\nmine\nc', theirs: 'a\ntheirs\nc' };
    expect(merge('text', { ...sides, mineIsLater: true })).toBe('a\nmine\nc');
    expect(merge('text', { ...sides, mineIsLater: false })).toBe('a\ntheirs\nc');
  });

  it('is the one side that changed, if only one did', () => {
    fc.assert(fc.property(texts, texts, fc.boolean(), (base, edited, mineIsLater) => {
      expect(merge('text', { base, mine: edited, theirs: base, mineIsLater })).toBe(edited);
      expect(merge('text', { base, mine: base, theirs: edited, mineIsLater })).toBe(edited);
    }));
  });

  it('invents no line', () => {
    fc.assert(fc.property(texts, texts, texts, fc.boolean(), (base, mine, theirs, mineIsLater) => {
      const known = new Set([base, mine, theirs].flatMap((text) => text.split('\n')));
      const merged = merge('text', { base, mine, theirs, mineIsLater }) as string;
      expect(merged.split('\n').every((line) => known.has(line))).toBe(true);
    }));
  });

  it('is the later text where the old one is unknown', () => {
    expect(merge('text', { mine: 'm', theirs: 't', mineIsLater: true })).toBe('m');
    expect(merge('text', { base: null, mine: 'm', theirs: 't', mineIsLater: false })).toBe('t');
  });
});
