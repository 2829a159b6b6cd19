import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textDiff, type Part } from '../../console/src/ui/diff.ts';

const side = (parts: readonly Part[], left: Part['kind']) => parts.filter(({ kind }) => kind !== left).map(({ text }) => text).join('');
const words = fc.array(fc.constantFrom('a', 'b', 'c', ' ', '\n', 'longer ', '  '), { maxLength: 60 }).map((parts) => parts.join(''));

describe('the difference of two texts', () => {
  it('holds both texts whole, whatever they are', () => {
    fc.assert(fc.property(fc.oneof(words, fc.string({ unit: 'grapheme' })), fc.oneof(words, fc.string({ unit: 'grapheme' })), (before, after) => {
      const parts = textDiff(before, after)!;
      expect([side(parts, 'new'), side(parts, 'gone')]).toEqual([before, after]);
    }));
  });

  it('marks the words that changed and no others', () => {
    expect(textDiff('It has run since this morning.', 'It has run since Tuesday morning.')).toEqual([
      { kind: 'same', text: 'It has run since ' },
      { kind: 'gone', text: 'this ' },
      { kind: 'new', text: 'Tuesday ' },
      { kind: 'same', text: 'morning.' },
    ]);
  });

  it('goes by lines where words would take too long', () => {
    const many = (word: string, n: number) => `${word} `.repeat(n);
    const oneLine = textDiff(`x ${many('a', 30_000)}y`, `z ${many('a', 29_000)}w`)?.map(({ kind, text }) => [kind, text.length]);
    expect(oneLine).toEqual([['gone', 60_003], ['new', 58_003]]);
    const lines = (word: string) => Array.from({ length: 3000 }, (_, i) => `${word} a a a ${i}\n`).join('');
    expect(textDiff(lines('x'), lines('y'))?.length).toBeGreaterThan(1);
  });
});
