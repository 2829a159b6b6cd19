import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareLines } from '../../../src/adapters/diff3/compare-lines.ts';
import type { MergedLines } from '../../../src/engine/merge.ts';

const lines = fc.array(fc.constantFrom('a', 'b', 'c', '', '__proto__', 'constructor'), { maxLength: 12 });

/** One side's text with the runs that both agree on. */
function side(runs: MergedLines, which: 'mine' | 'theirs'): string[] {
  return runs.flatMap((run) => ('both' in run ? run.both : run[which]));
}

const isAgreed = (runs: MergedLines) => runs.every((run) => 'both' in run);

describe('comparison by lines', () => {
  it('agrees on the only side that changed', () => {
    fc.assert(
      fc.property(lines, lines, (base, changed) => {
        for (const runs of [compareLines(changed, base, base), compareLines(base, base, changed)]) {
          expect(isAgreed(runs)).toBe(true);
          expect(side(runs, 'mine')).toEqual(changed);
        }
      }),
    );
  });

  it('agrees on what both changed alike', () => {
    fc.assert(
      fc.property(lines, lines, (base, changed) => {
        expect(compareLines(changed, base, changed)).toEqual(changed.length > 0 ? [{ both: changed }] : []);
      }),
    );
    expect(compareLines(['x', 'same', 'c'], ['x', 'b', 'c'], ['y', 'same', 'c'])).toEqual([{ both: ['y', 'same', 'c'] }]);
  });

  it('says the same of both sides when they are swapped', () => {
    fc.assert(
      fc.property(lines, lines, lines, (mine, base, theirs) => {
        const swapped = compareLines(theirs, base, mine).map((run) => ('both' in run ? run : { mine: run.theirs, theirs: run.mine }));
        expect(compareLines(mine, base, theirs)).toEqual(swapped);
      }),
    );
  });

  it('invents no line and loses none that someone added', () => {
    fc.assert(
      fc.property(lines, lines, lines, (mine, base, theirs) => {
        const runs = compareLines(mine, base, theirs);
        const known = new Set([...mine, ...theirs, ...base]);
        const said = new Set([...side(runs, 'mine'), ...side(runs, 'theirs')]);
        for (const line of said) expect(known).toContain(line);
        for (const line of [...mine, ...theirs]) if (!base.includes(line)) expect(said).toContain(line);
      }),
    );
  });

  it('lets edits of different lines both stand, also of neighbouring ones', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer(), (length, seed) => {
        const base = Array.from({ length }, (_, i) => `line ${i}`);
        const hers = (i: number) => ((seed >>> i) & 1) === 1;
        const mine = base.map((line, i) => (hers(i) ? line : `${line}, mine`));
        const theirs = base.map((line, i) => (hers(i) ? `${line}, theirs` : line));
        const runs = compareLines(mine, base, theirs);
        expect(side(runs, 'mine')).toEqual(base.map((line, i) => `${line}, ${hers(i) ? 'theirs' : 'mine'}`));
        expect(isAgreed(runs)).toBe(true);
      }),
    );
  });

  it('shows both versions of a line that both changed', () => {
    expect(compareLines(['a', 'mine', 'c'], ['a', 'b', 'c'], ['a', 'theirs', 'c'])).toEqual([
      { both: ['a'] },
      { mine: ['mine'], theirs: ['theirs'] },
      { both: ['c'] },
    ]);
  });

  it('takes texts that would take too long to compare as changed in one place', () => {
    const many = (first: string, last: string) => [first, ...Array.from({ length: 30_000 }, () => ''), last];
    const runs = compareLines(many('mine', 'mine'), many('base', 'base'), many('theirs', 'theirs'));
    expect(runs).toEqual([{ mine: many('mine', 'mine'), theirs: many('theirs', 'theirs') }]);
  });
});
