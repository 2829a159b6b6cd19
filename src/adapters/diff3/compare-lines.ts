import { diff3Merge } from 'node-diff3';
import type { CompareLines, MergedLines } from '../../engine/merge.ts';

/** Steps of a comparison, some 30 ms: what would take more counts as one changed place (P11). */
const MOST_STEPS = 30_000_000;

/**
 * Three-way comparison by lines. What both sides changed alike is `both`. Edits of neighbouring lines stay apart as
 * long as neither side adds or removes lines there.
 */
export const compareLines: CompareLines = (mine, base, theirs) => {
  const head = commonHead(mine, base, theirs);
  const tail = commonTail(mine, base, theirs, head);
  const inner = (lines: string[]) => lines.slice(head, lines.length - tail);
  return joined([
    { both: base.slice(0, head) },
    ...compareInner(inner(mine), inner(base), inner(theirs)),
    { both: base.slice(base.length - tail) },
  ]);
};

function compareInner(mine: string[], base: string[], theirs: string[]): MergedLines {
  if (same(mine, base) || same(mine, theirs)) return [{ both: theirs }];
  if (same(theirs, base)) return [{ both: mine }];
  if (steps(base, mine) > MOST_STEPS || steps(base, theirs) > MOST_STEPS) return [{ mine, theirs }];
  return diff3Merge(mine, base, theirs).flatMap(({ ok, conflict }): MergedLines => {
    if (ok) return [{ both: ok }];
    return conflict ? lineByLine(conflict.a, conflict.o, conflict.b) : [];
  });
}

/** The library walks all lines of one text for every pair of equal lines: many equal ones make it cubic. */
function steps(base: string[], other: string[]): number {
  const counts = new Map<string, number>();
  for (const line of other) counts.set(line, (counts.get(line) ?? 0) + 1);
  const pairs = base.reduce((sum, line) => sum + (counts.get(line) ?? 0), 0);
  return (pairs + base.length) * other.length;
}

/** The library takes touching edits for one: where lines were only replaced, each line is judged for itself. */
function lineByLine(mine: string[], base: string[], theirs: string[]): MergedLines {
  if (mine.length !== base.length || theirs.length !== base.length) return [{ mine, theirs }];
  return base.map((line, i) => {
    const my = mine[i] ?? line;
    const their = theirs[i] ?? line;
    if (my === their || their === line) return { both: [my] };
    return my === line ? { both: [their] } : { mine: [my], theirs: [their] };
  });
}

function same(a: string[], b: string[]): boolean {
  return a.length === b.length && a.every((line, i) => line === b[i]);
}

function commonHead(...texts: [string[], string[], string[]]): number {
  const most = Math.min(...texts.map((text) => text.length));
  const [first, ...others] = texts;
  let n = 0;
  while (n < most && others.every((text) => text[n] === first[n])) n++;
  return n;
}

function commonTail(a: string[], b: string[], c: string[], head: number): number {
  const most = Math.min(a.length, b.length, c.length) - head;
  let n = 0;
  while (n < most && a.at(-1 - n) === b.at(-1 - n) && b.at(-1 - n) === c.at(-1 - n)) n++;
  return n;
}

/** Neighbouring runs of one kind as one; no empty ones. */
function joined(runs: MergedLines): MergedLines {
  const result: MergedLines = [];
  for (const run of runs) {
    const last = result.at(-1);
    if ('both' in run) {
      if (run.both.length === 0) continue;
      if (last && 'both' in last) last.both = last.both.concat(run.both);
      else result.push(run);
    } else if (last && 'mine' in last) {
      last.mine = last.mine.concat(run.mine);
      last.theirs = last.theirs.concat(run.theirs);
    } else result.push(run);
  }
  return result;
}
