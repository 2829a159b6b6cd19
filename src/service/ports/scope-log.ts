import type { Head } from '../../engine/cursor.ts';
import type { Commit, Scope } from '../../engine/model.ts';

/** The logs (design 1). */
export type ScopeLog = {
  /** Strong. A scope without a head has `NEW_HEAD`. */
  head(scope: Scope): Promise<Head>;
  /**
   * Commits with `after` < n ≤ `upTo` in order of n, at most `limit` and at most what one read gives (about 1 MB).
   * `end`: nothing was left out within the range. Not strong unless asked.
   */
  read(scope: Scope, after: number, upTo: number, options: { strong: boolean; limit?: number }): Promise<{ commits: Commit[]; end: boolean }>;
  /** The only moment at which anything happens: puts commit n if there is none. `taken`: nothing was written. */
  put(commit: Commit): Promise<'put' | 'taken'>;
  /** Moves `applied` forward; never back. Creates the head if there is none. */
  advance(scope: Scope, applied: number, appliedAt: number, epoch: number): Promise<void>;
  /** Begins an epoch: `start` − 1 becomes `applied`, if head is still as read. False: it was not; nothing written. */
  startEpoch(scope: Scope, read: Head, epoch: number, start: number): Promise<boolean>;
  /**
   * All scopes that have a head or a commit, in an order that stays, behind `after` if given. Reads the whole table: for
   * recovery and verification, not for requests. Not strong.
   */
  heads(after?: Scope): AsyncIterable<{ scope: Scope; head: Head }>;
};
