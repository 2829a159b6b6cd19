import type { Commit } from '../../../src/engine/model.ts';
import type { BatchHeader } from '../../../src/service/ports/inbox.ts';
import { hashText } from '../core/random.ts';

/*
 * What reads may show while others write. A strong read shows everything that was answered before it began; of what is
 * written while it runs it may show any part: a query is no snapshot.
 */

/** Heads or tails for a name. */
type Coin = (name: number) => boolean;

/** How long a read that is not strong may miss a commit, ms. */
const LONGEST_STALE_MS = 20_000;

/** Commits of a strong read: those there when it began, and any of the others. */
export function mixedCommits(before: readonly Commit[], after: readonly Commit[], coin: Coin): Commit[] {
  const sure = new Set(before.map(({ n }) => n));
  return after.filter(({ n }) => sure.has(n) || coin(n));
}

/** Commits of a read that is not strong: the young may be missing, also between others. */
export function oldEnough(commits: readonly Commit[], age: (n: number) => number, coin: Coin): Commit[] {
  return commits.filter(({ n }) => age(n) > LONGEST_STALE_MS || coin(n));
}

/** Rows of a strong read: each as it was when it began, or as it became while it ran. */
export function mixedRows<Row>(before: ReadonlyMap<string, Row>, after: ReadonlyMap<string, Row>, coin: Coin): Map<string, Row> {
  const rows = new Map<string, Row>();
  for (const [key, row] of after) {
    const old = before.get(key);
    if (coin(hashText(key))) rows.set(key, row);
    else if (old) rows.set(key, old);
  }
  return rows;
}

/**
 * Headers of a strong read: each as it was or became. They are read from the newest to the oldest, so that a batch is
 * never shown without an earlier one of its owner: of those stored meanwhile only the newest can be missing.
 */
export function mixedHeaders(before: readonly BatchHeader[], after: readonly BatchHeader[], cut: number): BatchHeader[] {
  const old = new Map(before.map((header) => [header.batchId, header]));
  const now = new Map(after.map((header) => [header.batchId, header]));
  const added = after.filter(({ batchId }) => !old.has(batchId));
  const late = new Set(added.slice(Math.round(added.length * cut)).map(({ batchId }) => batchId));
  return [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((batchId, i) => {
    if (late.has(batchId)) return [];
    const was = (i + cut * 10) % 2 < 1 ? old.get(batchId) : undefined;
    return was ?? now.get(batchId) ?? [];
  });
}
