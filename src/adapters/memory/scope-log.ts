import { NEW_HEAD, type Head } from '../../engine/cursor.ts';
import type { Commit, Scope } from '../../engine/model.ts';
import { jsonBytes } from '../../engine/value.ts';
import { expiresAt } from '../../engine/views.ts';
import type { ScopeLog } from '../../service/ports/scope-log.ts';
import { copy } from './copy.ts';
import { compareKeys } from './table.ts';

/** What one read gives at most, like a DynamoDB query. */
const READ_BYTES = 1024 * 1024;

export type MemoryScopeLog = ScopeLog & {
  /** Drops what TTL would have dropped by then, ms, but for commits `scope/n` with which it is late. */
  expire(now: number, isLate?: (name: string) => boolean): void;
};

/** The logs, in memory. */
export function createMemoryScopeLog(): MemoryScopeLog {
  const heads = new Map<Scope, Head>();
  const logs = new Map<Scope, Map<number, { commit: Commit; bytes: number }>>();
  const headOf = (scope: Scope): Head => copy(heads.get(scope) ?? NEW_HEAD);

  return {
    async head(scope) {
      return headOf(scope);
    },

    async read(scope, after, upTo, { limit = Number.POSITIVE_INFINITY }) {
      const log = logs.get(scope);
      const numbers = [...(log?.keys() ?? [])].filter((n) => n > after && n <= upTo).sort((a, b) => a - b);
      const commits: Commit[] = [];
      let bytes = 0;
      for (const n of numbers) {
        const entry = log?.get(n);
        if (!entry || commits.length >= limit || (commits.length > 0 && bytes + entry.bytes > READ_BYTES)) break;
        bytes += entry.bytes;
        commits.push(copy(entry.commit));
      }
      return { commits, end: commits.length === numbers.length };
    },

    async put(commit) {
      const log = logs.get(commit.scope) ?? new Map<number, { commit: Commit; bytes: number }>();
      if (log.has(commit.n)) return 'taken';
      logs.set(commit.scope, log.set(commit.n, { commit: copy(commit), bytes: jsonBytes(commit) }));
      return 'put';
    },

    async advance(scope, applied, appliedAt, epoch) {
      const head = heads.get(scope);
      if (!head) heads.set(scope, { ...NEW_HEAD, applied, appliedAt, epoch });
      else if (head.applied < applied) heads.set(scope, { ...head, applied, appliedAt });
    },

    async startEpoch(scope, read, epoch, start) {
      const head = headOf(scope);
      if (head.applied !== read.applied || head.epoch !== read.epoch) return false;
      heads.set(scope, { applied: start - 1, appliedAt: head.appliedAt, epoch, start, end: head.applied });
      return true;
    },

    async *heads(after) {
      const scopes = [...new Set([...heads.keys(), ...logs.keys()])].sort(compareKeys);
      for (const scope of scopes) if (after === undefined || compareKeys(scope, after) > 0) yield { scope, head: headOf(scope) };
    },

    expire(now, isLate = () => false) {
      for (const [scope, log] of logs) {
        for (const [n, { commit }] of log) if (expiresAt(commit.at) <= now && !isLate(`${scope}/${n}`)) log.delete(n);
      }
    },
  };
}
