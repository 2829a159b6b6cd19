import { LIMITS } from '../protocol/limits.ts';
import { recordKey } from './keys.ts';
import type { Commit, EntityRow, Scope } from './model.ts';
import { toDeleted, toRecord } from './wire.ts';
import { jsonBytes } from './value.ts';

/**
 * Collects one download page over several scopes: a record appears once per scope, with its newest image. Full at
 * `limit` records or 4 MiB; a page takes at least one record.
 */
export class Page {
  readonly #rows = new Map<string, { row: EntityRow; bytes: number }>();
  readonly #limit: number;
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Distinct records so far. */
  get size(): number {
    return this.#rows.size;
  }

  /** Of the records as JSON. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Records that still fit by count. */
  get room(): number {
    return this.#limit - this.#rows.size;
  }

  /** Adds the image, replacing an older one of the same record; says whether it fitted. */
  add(row: EntityRow): boolean {
    const key = `${row.scope}\n${recordKey(row.scope, row.home, row.type, row.entityId)}`;
    const old = this.#rows.get(key);
    // A snapshot may be ahead of the log that follows it.
    if (old && old.row.n > row.n) return true;
    const bytes = jsonBytes(row.state === 'live' ? toRecord(row) : toDeleted(row));
    const grown = this.#bytes + bytes - (old?.bytes ?? 0);
    if (this.#rows.size > 0 && (grown > LIMITS.pageBytes || (!old && this.#rows.size >= this.#limit))) return false;
    this.#rows.delete(key);
    this.#rows.set(key, { row, bytes });
    this.#bytes = grown;
    return true;
  }

  /** Adds a commit's changes of these types from the one at `skip`; returns how many were taken, or 'all'. */
  addCommit(commit: Commit, skip: number, types: ReadonlySet<string>): number | 'all' {
    for (const [i, change] of commit.changes.entries()) {
      if (i < skip || !types.has(change.row.type)) continue;
      if (!this.add(change.row)) return i;
    }
    return 'all';
  }

  /** Forgets a scope's records: it starts afresh. */
  drop(scope: Scope): void {
    for (const [key, { row, bytes }] of this.#rows) {
      if (row.scope !== scope) continue;
      this.#rows.delete(key);
      this.#bytes -= bytes;
    }
  }

  rows(): EntityRow[] {
    return [...this.#rows.values()].map((entry) => entry.row);
  }
}
