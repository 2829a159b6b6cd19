import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guardJson } from '../../../src/http/json-guard.ts';
import { SyncError } from '../../../src/service/errors.ts';

function codes(text: string, partsAt?: string): string[] {
  return guardJson(text, partsAt).faults.map((fault) => `${fault.pointer} ${fault.code}`);
}

/** A list nested `levels` deep. */
function nested(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels);
}

function isKept(value: number): boolean {
  if (Number.isInteger(value)) return Number.isSafeInteger(value);
  return Math.abs(value) >= 1e-130;
}

/** JSON values that break no rule. */
const { clean } = fc.letrec<{ clean: unknown }>((tie) => ({
  clean: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(null, true, false),
    fc.string({ unit: 'grapheme' }),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter(isKept),
    fc.maxSafeInteger(),
    fc.array(tie('clean'), { maxLength: 5 }),
    fc.dictionary(fc.string({ unit: 'grapheme' }), tie('clean'), { maxKeys: 5, noNullPrototype: true })
      .filter((o) => !['__proto__', 'constructor', 'prototype'].some((key) => Object.hasOwn(o, key))),
  ),
}));

const spacing = fc.constantFrom(undefined, 1, '\t', '\n');

describe('the JSON guard', () => {
  it('gives the value and no faults for any JSON that breaks no rule', () => {
    fc.assert(fc.property(clean, spacing, (value, space) => {
      const text = JSON.stringify({ a: value }, null, space);
      expect(guardJson(text)).toEqual({ value: JSON.parse(text), faults: [] });
    }));
  });

  it('refuses exactly what is not JSON, whatever the text', () => {
    const almost = fc.tuple(clean, fc.nat(), fc.constantFrom('', '"', '\\', '{', ']', ',', ':', '1', 'e', '\u0000'))
      .map(([value, at, junk]) => {
        const text = JSON.stringify([value]);
        return text.slice(0, at % (text.length + 1)) + junk + text.slice((at % (text.length + 1)) + 1);
      });
    fc.assert(fc.property(fc.oneof(fc.string(), almost), (text) => {
      let valid = true;
      try {
        JSON.parse(text);
      } catch {
        valid = false;
      }
      if (valid) guardJson(text);
      else expect(() => guardJson(text)).toThrow(SyncError);
    }), { numRuns: 500 });
  });

  it('finds a rule that is broken anywhere, and says where', () => {
    const broken = fc.constantFrom(
      ['1e400', '', 'number_out_of_range'],
      ['9007199254740993', '', 'number_out_of_range'],
      ['{"k": 1, "\\u006b": 2}', '/k', 'duplicate_key'],
      ['{"__proto__": 1}', '/__proto__', 'reserved_key'],
      ['"\\udc00"', '', 'ill_formed_text'],
      [nested(16), '/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0', 'too_deep'],
    );
    const keys = fc.string({ unit: 'grapheme', maxLength: 10 }).filter((key) => !/^(__proto__|constructor|prototype)$/.test(key));
    fc.assert(fc.property(broken, fc.array(clean, { maxLength: 3 }), keys, ([bad, below, code], before, key) => {
      const text = `{${JSON.stringify(key)}: [${[...before.map((value) => JSON.stringify(value)), bad].join(', ')}]}`;
      const pointer = `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}/${before.length}${below}`;
      expect(codes(text)).toEqual([`${pointer} ${code}`]);
    }));
  });

  it.each([
    ['-9007199254740991', true],
    ['9007199254740992', false],
    ['9007199254740992.5', false],
    ['1e15', true],
    ['1e16', false],
    ['0.1', true],
    ['-0', true],
    ['0e99999', true],
    ['0.000', true],
    ['1e-130', true],
    ['1e-131', false],
    ['1e-400', false],
    ['1e400', false],
  ])('a number %s is kept: %s', (literal, kept) => {
    expect(codes(`{"n": ${literal}}`)).toEqual(kept ? [] : ['/n number_out_of_range']);
  });

  it.each([
    ['"\ud800"', 'raw'],
    ['"x\\uD83Dy"', 'escaped'],
    ['"\\ude00\\ud83d"', 'in the wrong order'],
  ])('a lone surrogate is found: %s (%s)', (literal) => {
    expect(codes(`{"t": ${literal}}`)).toEqual(['/t ill_formed_text']);
  });

  it('a surrogate pair is well-formed, escaped or not', () => {
    expect(codes('{"a": "😀", "b": "\\ud83d\\ude00", "c": "\\\\ud800"}')).toEqual([]);
  });

  it('an ill-formed key is told at its object, and a long key is not repeated', () => {
    expect(codes('{"a": {"\\ud800": 1}}')).toEqual(['/a ill_formed_text']);
    expect(codes(`{"a": {"${'k'.repeat(65)}": 1e400}}`)).toEqual(['/a number_out_of_range']);
  });

  it('the same key in two objects is no duplicate', () => {
    expect(codes('{"a": {"k": 1}, "b": [{"k": 1}, {"k": 1}], "k": "k"}')).toEqual([]);
  });

  it('data may be 16 levels deep and no deeper; what lies deeper is null', () => {
    expect(codes(`{"data": ${nested(16)}}`)).toEqual([]);
    const { value, faults } = guardJson(`{"data": ${nested(17)}, "n": [1]}`);
    expect(faults.map((fault) => fault.code)).toEqual(['too_deep']);
    expect(value).toEqual({ data: JSON.parse(nested(16).replace('[]', '[null]')), n: [1] });
  });

  it('a million levels are told like seventeen, with brackets in text not counted', () => {
    const { value, faults } = guardJson(`{"actions": [{"data": ${'['.repeat(1e6)}"]\\"]"${']'.repeat(1e6)}}, {"data": 1}]}`, 'actions');
    expect(faults.map((fault) => fault.code)).toEqual(['too_deep']);
    expect(JSON.stringify(value)).toContain('[null]');
  });

  it('2,000 keys below the top are allowed, one more is not, nested or not', () => {
    const keys = (n: number) => Array.from({ length: n }, (_, i) => `"k${i}": {"x": 1}`).join(',');
    expect(codes(`{"data": {${keys(1000)}}}`)).toEqual([]);
    expect(codes(`{"data": {${keys(1000)}, "one": 1}}`)).toEqual(['/data/one too_many_keys']);
  });
});

describe('the JSON guard on too much', () => {
  it('tells 2,001 keys of the body or of a part once, and still finds what stands twice before them', () => {
    const keys = Array.from({ length: 3000 }, (_, i) => `"k${i}": 1`).join(',');
    expect(codes(`{${keys}, "k0": 1}`)).toEqual(['/k2000 too_many_keys', '/k0 duplicate_key']);
    expect(codes(`{"actions": [{${keys}}, {"data": 1}]}`, 'actions')).toEqual(['/actions/0/k2000 too_many_keys']);
  });

  it('tells a fault of the body behind any number of faulty parts', () => {
    const parts = Array.from({ length: 6000 }, () => '{"a": 1e999}').join(',');
    const found = codes(`{"actions": [${parts}], "actions": []}`, 'actions');
    expect(found).toHaveLength(5001);
    expect(found.at(-1)).toBe('/actions duplicate_key');
  });
});

describe('the JSON guard on a list of parts', () => {
  it('gives every part depth, keys and told faults of its own', () => {
    const keys = Array.from({ length: 1999 }, (_, i) => `"k${i}": 1`).join(',');
    const part = `{"data": {${keys}, "deep": ${nested(15)}}}`;
    expect(codes(`{"actions": [${part}, ${part}, ${part}]}`, 'actions')).toEqual([]);
    const bad = `{"data": [${Array.from({ length: 50 }, () => '1e999').join(',')}]}`;
    const found = codes(`{"actions": [${bad}, {"data": {}}, ${bad}]}`, 'actions');
    expect(found.filter((fault) => fault.startsWith('/actions/0/'))).toHaveLength(10);
    expect(found.filter((fault) => fault.startsWith('/actions/2/'))).toHaveLength(10);
    expect(found).toHaveLength(20);
  });

  it('judges what stands after the parts as the body\'s again', () => {
    expect(codes(`{"actions": [{"data": ${nested(16)}}], "x": ${nested(16)}}`, 'actions')).toEqual([]);
    expect(codes(`{"actions": [{"data": 1}], "x": ${nested(17)}}`, 'actions')).toHaveLength(1);
  });

  it('does not take a list of that name elsewhere for parts', () => {
    expect(codes(`{"x": {"actions": [${nested(15)}]}}`, 'actions')).toHaveLength(1);
    expect(codes(`[[${nested(16)}]]`, 'actions')).toHaveLength(1);
  });

  it('tells a list that stands twice as a fault of the body', () => {
    expect(codes('{"actions": [{}], "acti\\u006fns": [{}]}', 'actions')).toEqual(['/actions duplicate_key']);
  });
});
