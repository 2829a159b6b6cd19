import type { Json } from '../../protocol/json.ts';
import { sameJson } from '../../engine/value.ts';

/**
 * What a verification found. `damage`: log and views contradict each other, or the log itself. `behind`: something
 * that workers or the sweeper still have to do; if it stays, `requeue` does it.
 */
export type Finding = {
  weight: 'damage' | 'behind';
  kind: string;
  /** Number of a commit, or key of a row. */
  at: string;
  /** In words, without values of anybody's data. */
  detail: string;
};

export function damage(kind: string, at: string | number, detail: string): Finding {
  return { weight: 'damage', kind, at: String(at), detail };
}

export function behind(kind: string, at: string | number, detail: string): Finding {
  return { weight: 'behind', kind, at: String(at), detail };
}

/** Members in which two rows differ. */
export function differing(a: object, b: object): string[] {
  const left = a as Record<string, Json | undefined>;
  const right = b as Record<string, Json | undefined>;
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].filter((name) => !sameJson(left[name], right[name])).sort();
}
