import type { Json } from '../protocol/json.ts';
import type { FieldSpec } from './domain.ts';
import { distinct } from './operators.ts';
import { sameJson } from './value.ts';

/** Runs of lines of a three-way comparison: agreed, or two versions of the same place. */
export type MergedLines = ({ both: string[] } | { mine: string[]; theirs: string[] })[];

/** Compares two descendants of a text line by line. A library does it; it is handed to the engine. */
export type CompareLines = (mine: string[], base: string[], theirs: string[]) => MergedLines;

export type MergeSides = {
  /** What the client last knew, where it is known. */
  base: Json | undefined;
  mine: Json;
  theirs: Json | undefined;
  /** Was the client's change made later than the server's, by action time? Ties go to the server. */
  mineIsLater: boolean;
};

/** Settles one overlapping field by its rule (design 5, `merge`). Deterministic; the loser's data is in the conflict. */
export function mergeField(spec: Pick<FieldSpec, 'merge'>, sides: MergeSides, compareLines: CompareLines): Json {
  const { mine, mineIsLater } = sides;
  const theirs = sides.theirs ?? null;
  const latest = mineIsLater ? mine : theirs;
  switch (spec.merge) {
    case 'latest':
      return latest;
    case 'max':
    case 'min': {
      if (typeof mine !== 'number' || typeof theirs !== 'number') return latest;
      return spec.merge === 'max' ? Math.max(mine, theirs) : Math.min(mine, theirs);
    }
    case 'union':
      return Array.isArray(mine) && Array.isArray(theirs) ? mergeSets(sides.base, mine, theirs) : latest;
    case 'text':
      return typeof mine === 'string' && typeof theirs === 'string' && typeof sides.base === 'string'
        ? mergeText(mine, sides.base, theirs, mineIsLater, compareLines)
        : latest;
  }
}

/** Union; where the base is known, what either side removed stays removed. */
function mergeSets(base: Json | undefined, mine: Json[], theirs: Json[]): Json[] {
  const union = distinct([...theirs, ...mine]);
  if (!Array.isArray(base)) return union;
  const has = (set: Json[], item: Json) => set.some((other) => sameJson(other, item));
  return union.filter((item) => !has(base, item) || (has(mine, item) && has(theirs, item)));
}

/** Both sides' edits of different lines stand; where both changed the same lines, the later edit's lines do. */
function mergeText(mine: string, base: string, theirs: string, mineIsLater: boolean, compare: CompareLines): string {
  const lines: string[] = [];
  for (const run of compare(mine.split('\n'), base.split('\n'), theirs.split('\n'))) {
    if ('both' in run) lines.push(...run.both);
    else lines.push(...(mineIsLater ? run.mine : run.theirs));
  }
  return lines.join('\n');
}
