import type { Commit, Scope } from '../engine/model.ts';
import { viewsOf } from '../engine/views.ts';
import type { Deps } from './deps.ts';
import type { BatchHeader } from './ports/inbox.ts';
import { nameOf, redoTail, sendNotes } from './redo.ts';
import { sendBatches, targetOf } from './redrive.ts';
import { sendParked } from './sweeper.ts';

/** Longest that the queue keeps a message: older notes were delivered, or lost before. */
const QUEUE_KEEPS_MS = 14 * 24 * 3600_000;
/** After this no further scope is begun; the function has 55 s. */
const MOST_MS = 40_000;
/** Commits of one step back through a log. */
const WINDOW = 200;
const PAGE = 100;
const MOST_PARKED = 10_000;
const SCOPES_AT_ONCE = 8;

export type RequeueOptions = {
  /** Goes on behind this scope, where a run before has ended. */
  after?: Scope;
  /** The second that the tables were restored to, ms: what the queue held then is lost with it. Otherwise now. */
  restoredTo?: number;
};

/** What was done. `next`: time was up, and there are scopes left behind this one. */
export type Requeued = { batches: number; parked: number; scopes: number; notes: number; failed: number; next?: Scope };

/**
 * Puts back into the queue all that it should hold, when the queue was lost or the tables were restored (design 4,
 * Restore): every pending batch, every parked note, and of every scope the audience notes that the queue may have held,
 * which keeps them for 14 days. The tail of a scope is redone first. All of it is harmless to repeat. A scope in trouble
 * is counted as `failed` and does not stop the others.
 */
export async function requeue(deps: Deps, { after, restoredTo }: RequeueOptions = {}): Promise<Requeued> {
  const begun = deps.clock.now();
  const since = Math.min(restoredTo ?? begun, begun) - QUEUE_KEEPS_MS;
  const done: Requeued = { batches: 0, parked: 0, scopes: 0, notes: 0, failed: 0 };
  if (after === undefined) {
    done.batches = await requeueBatches(deps);
    done.parked = await requeueParked(deps);
  }

  let scopes: Scope[] = [];
  const flush = () => Promise.all(scopes.map((scope) => requeueScope(deps, scope, since, done)));
  for await (const { scope } of deps.log.heads(after)) {
    const last = scopes.at(-1);
    if (last !== undefined && scopes.length === SCOPES_AT_ONCE) {
      await flush();
      // Only here: every run gets further.
      if (deps.clock.now() - begun > MOST_MS) return { ...done, next: last };
      scopes = [];
    }
    scopes.push(scope);
  }
  await flush();
  return done;
}

async function requeueParked(deps: Deps): Promise<number> {
  // `dueAt` lies at most minutes ahead: this is all of them. Beyond the limit the sweeper comes to them by itself.
  const { rows } = await deps.inbox.due(Number.MAX_SAFE_INTEGER, MOST_PARKED);
  const parked = rows.filter((row) => 'note' in row);
  await sendParked(deps, parked);
  return parked.length;
}

async function requeueBatches(deps: Deps): Promise<number> {
  const sent = new Set<string>();
  let batches = 0;
  let after: string | undefined = '';
  while (after !== undefined) {
    const { rows, next }: { rows: BatchHeader[]; next?: string } = await deps.inbox.list('pending', after, PAGE);
    await sendBatches(deps, rows.filter((header) => !sent.has(targetOf(header))));
    for (const header of rows) sent.add(targetOf(header));
    batches += rows.length;
    after = next;
  }
  return batches;
}

async function requeueScope(deps: Deps, scope: Scope, since: number, done: Requeued): Promise<void> {
  try {
    const { next } = await redoTail(deps, scope);
    for await (const commit of commitsSince(deps, scope, next - 1, since)) {
      const { notes } = viewsOf(commit);
      if (notes.length === 0) continue;
      await sendNotes(deps, notes, deps.ids.uuid());
      done.notes += notes.length;
    }
    done.scopes++;
  } catch (error) {
    done.failed++;
    deps.report.alarm('requeue_failed', { scope: deps.ids.hash(scope), error: nameOf(error) });
  }
}

/** Commits up to `last` made since then, window by window backwards; within a window forwards. */
async function* commitsSince(deps: Deps, scope: Scope, last: number, since: number): AsyncGenerator<Commit> {
  let high = last;
  let gap = false;
  while (high > 0) {
    // Numbers jump with the epoch: below a gap the next commit may be anywhere.
    const low = gap ? 0 : Math.max(0, high - WINDOW);
    let first: Commit | undefined;
    for await (const commit of commitsBetween(deps, scope, low, high)) {
      first ??= commit;
      if (commit.at >= since) yield commit;
    }
    if (first && first.prevAt < since) return;
    gap = first === undefined;
    high = low;
  }
}

async function* commitsBetween(deps: Deps, scope: Scope, low: number, high: number): AsyncGenerator<Commit> {
  let after = low;
  let end = false;
  while (!end) {
    const read = await deps.log.read(scope, after, high, { strong: true });
    yield* read.commits;
    after = read.commits.at(-1)?.n ?? high;
    end = read.end || read.commits.length === 0;
  }
}
