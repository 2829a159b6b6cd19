import { expired, following, type Head, type Position } from '../engine/cursor.ts';
import { recordKey } from '../engine/keys.ts';
import type { Commit, Scope } from '../engine/model.ts';
import type { Page } from '../engine/page.ts';
import type { Deps } from './deps.ts';
import { HoleInLog } from './errors.ts';

/** Reads that brought nothing for the page, until it is given as it is. */
const MOST_IN_VAIN = 25;
/** The most that one read asks for. */
const MOST_AT_ONCE = 1000;

/**
 * How one request reads: as much as its page has room for; through what is not for it (other types, refusals, what is
 * gone) in growing steps, and not to the end. Else a long way would take longer than a request may, at every try (P6).
 */
export class Reading {
  readonly page: Page;
  #inVain = 0;
  #step = 1;

  constructor(page: Page) {
    this.page = page;
  }

  get isOver(): boolean {
    return this.page.room <= 0 || this.#inVain >= MOST_IN_VAIN;
  }

  /** How many rows or commits to ask for next. */
  get limit(): number {
    return Math.min(this.page.room * this.#step, MOST_AT_ONCE);
  }

  /** The last read was not the end of what it read from; before it the page held so many records. */
  goOn(sizeBefore: number): void {
    const found = this.page.size > sizeBefore;
    this.#step = found ? 1 : this.#step * 2;
    if (!found) this.#inVain++;
  }
}

/** What reading a scope gave besides records: where it stands, and whether that is the end. */
export type ScopeRead = { position: Position; atEnd: boolean; expired?: true };

/** Reads one scope into the page, from a position to `applied` of the head, or until the reading is over (P5). */
export async function readScope(
  deps: Deps,
  scope: Scope,
  head: Head,
  from: Position | 'snapshot',
  reading: Reading,
  types: readonly string[],
): Promise<ScopeRead> {
  if (from === 'snapshot') return readSnapshot(deps, scope, head, startOf(head, types), reading, types);
  if (!('at' in from)) return readSnapshot(deps, scope, head, from, reading, types);
  const read = await readLog(deps, scope, head, from, reading, new Set(types));
  if (read !== 'expired') return read;
  // What the log still held must not outlive the reset: a record in it may be gone since.
  reading.page.drop(scope);
  const snapshot = await readSnapshot(deps, scope, head, startOf(head, types), reading, types);
  return { ...snapshot, expired: true };
}

type SnapshotPosition = Extract<Position, { from: number }>;

function startOf(head: Head, types: readonly string[]): SnapshotPosition {
  return { from: head.applied, type: types[0] ?? '', after: '' };
}

/** Pages through the current records, then follows the log from where `applied` stood when the snapshot began. */
async function readSnapshot(
  deps: Deps,
  scope: Scope,
  head: Head,
  from: SnapshotPosition,
  reading: Reading,
  types: readonly string[],
): Promise<ScopeRead> {
  const { page } = reading;
  const first = Math.max(types.indexOf(from.type), 0);
  for (const [i, type] of head.applied === 0 ? [] : types.entries()) {
    if (i < first) continue;
    let after = i === first ? from.after : '';
    for (;;) {
      if (reading.isOver) return { position: { from: from.from, type, after }, atEnd: false };
      const sizeBefore = page.size;
      const { rows, next } = await deps.entities.page(scope, type, after, reading.limit);
      for (const row of rows) {
        if (row.state === 'live' && !page.add(row)) return { position: { from: from.from, type, after }, atEnd: false };
        after = recordKey(scope, row.home, row.type, row.entityId);
      }
      if (next === undefined) break;
      after = next;
      reading.goOn(sizeBefore);
    }
  }
  const log = await readLog(deps, scope, head, { at: from.from, skip: 0 }, reading, new Set(types));
  if (log !== 'expired') return log;
  // It took longer than the log is kept: it begins again, and what it gave before counts for nothing.
  reading.page.drop(scope);
  return { position: startOf(head, types), atEnd: false, expired: true };
}

type LogPosition = Extract<Position, { at: number }>;

async function readLog(
  deps: Deps,
  scope: Scope,
  head: Head,
  from: LogPosition,
  reading: Reading,
  types: ReadonlySet<string>,
): Promise<{ position: LogPosition; atEnd: boolean } | 'expired'> {
  const { page } = reading;
  let { skip } = from;
  let at = acrossEpochs(head, from.at);
  let strong = false;
  while (at < head.applied) {
    if (reading.isOver) return { position: { at, skip }, atEnd: false };
    const sizeBefore = page.size;
    const { commits } = await deps.log.read(scope, at, head.applied, { strong, limit: reading.limit });
    let moved = false;
    for (const commit of commits) {
      if (commit.n !== following(head, at)) break;
      const taken = page.addCommit(commit, skip, types);
      if (taken !== 'all') return { position: { at, skip: taken }, atEnd: false };
      at = acrossEpochs(head, commit.n);
      skip = 0;
      moved = true;
    }
    if (at < head.applied) reading.goOn(sizeBefore);
    if (moved) continue;
    if (strong) return whyMissing(deps, scope, head, at, commits);
    // A stale read may end early, or skip: only a strong one can say that a number is missing.
    strong = true;
    deps.report.count('stale_log_reads');
  }
  return { position: { at, skip }, atEnd: true };
}

/** Nothing lies between the end of an epoch and the start of the next, which may have no commit yet. */
function acrossEpochs({ start, end }: Head, n: number): number {
  return start > 0 && n === end ? start - 1 : n;
}

/** Missing numbers are expired only if the time of the last of them says so; else the log has a hole (P14). */
function whyMissing(deps: Deps, scope: Scope, head: Head, at: number, found: readonly Commit[]): 'expired' {
  const lastMissingAt = found[0] ? found[0].prevAt : head.appliedAt;
  if (expired(lastMissingAt, deps.clock.now())) return 'expired';
  throw new HoleInLog(scope, following(head, at));
}
