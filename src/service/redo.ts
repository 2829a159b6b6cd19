import { EPOCH_STEP, type Head } from '../engine/cursor.ts';
import type { AudienceNote, Commit, Scope } from '../engine/model.ts';
import { viewsOf } from '../engine/views.ts';
import { writeLink } from './attachments/tell.ts';
import type { Deps } from './deps.ts';
import { HoleInLog, Trouble } from './errors.ts';
import { classOf } from './fault-fields.ts';
import { fewAtOnce } from './few-at-once.ts';

/**
 * A commit of hundreds of actions implies as many rows. Writes that queue for a connection time out there, and then no
 * retry would ever get further: ten scopes of one worker must fit the connections of a client.
 */
const WRITES_AT_ONCE = 12;

/** Where a scope's log ends, with all its views written. */
export type LogEnd = {
  /** Number of the next commit. */
  next: number;
  lastAt: number;
  head: Head;
};

/**
 * Writes what a commit implies: the numbers of new records, then records and conflicts, then its audience messages,
 * then outcomes. Idempotent; the caller moves `applied` only afterwards, so that what a dead worker left out is done
 * again (design 1, P1).
 */
export async function redo(deps: Deps, commit: Commit): Promise<void> {
  const views = viewsOf(commit);
  const numbers = (live: boolean) => views.aliases.filter((alias) => alias.live === live).map((alias) => () => deps.entities.putAlias(alias));
  // A snapshot shows a row as soon as it stands: by then its number must lead to it, or an edit would be refused (P12).
  await fewAtOnce(WRITES_AT_ONCE, numbers(true));
  await fewAtOnce(WRITES_AT_ONCE, [
    ...views.rows.map((row) => () => deps.entities.put(row)),
    ...numbers(false),
    ...views.conflicts.map((conflict) => () => deps.conflicts.put(conflict)),
    ...views.pointers.map((pointer) => () => deps.conflicts.putPointer(pointer)),
  ]);
  await fewAtOnce(WRITES_AT_ONCE, views.links.map((link) => () => writeLink(deps, link)));
  if (views.notes.length > 0) await sendNotes(deps, views.notes);
  await fewAtOnce(WRITES_AT_ONCE, views.actions.map((action) => () => deps.actions.put(action)));
  deps.report.count('commits_redone');
}

/**
 * Tells audiences to look again. The id names audience, home, commit and epoch: never reused for other content. After a
 * restore the queue may remember the same message, whose effect is lost.
 */
export async function sendNotes(deps: Deps, notes: readonly AudienceNote[], salt = ''): Promise<void> {
  await deps.queue.send(
    notes.map((note) => ({
      id: `note ${note.scope} ${note.home} ${note.n} ${deps.epoch} ${salt}`,
      message: { kind: 'note' as const, note },
    })),
  );
}

/**
 * Brings `applied` to the end of a scope's log: reads the head, then the commits beyond it, strongly, and redoes them.
 * Stops at a hole (P14). Throws `Trouble` when the scope already belongs to a newer epoch. `doubted`: a hole seemed to
 * follow this number.
 */
export async function redoTail(deps: Deps, scope: Scope, doubted?: number): Promise<LogEnd> {
  const head = await deps.log.head(scope);
  if (head.epoch > deps.epoch) throw new Trouble('the log is of a newer epoch', undefined);
  let { applied, appliedAt } = head;
  let end = false;
  while (!end) {
    const before = applied;
    const tail = await deps.log.read(scope, applied, Number.MAX_SAFE_INTEGER, { strong: true });
    const gap = tail.commits.find((commit, i) => commit.n !== before + 1 + i);
    for (const commit of tail.commits) {
      if (commit === gap) break;
      await redoSafely(deps, commit);
      deps.report.count('commits_recovered');
      applied = commit.n;
      appliedAt = commit.at;
    }
    if (applied > before) await deps.log.advance(scope, applied, appliedAt, head.epoch);
    if (gap) {
      if (doubted === applied) throw new HoleInLog(scope, applied + 1);
      // A query is no snapshot: it may lack what was put while it ran, and meanwhile an epoch may have begun. What is
      // still missing when all is read once more was lost.
      return redoTail(deps, scope, applied);
    }
    end = tail.end;
  }
  return { next: applied + 1, lastAt: appliedAt, head: { ...head, applied, appliedAt } };
}

/** An error that no later try cures would stop the scope for ever: wake someone, and keep trying. */
export async function redoSafely(deps: Deps, commit: Commit): Promise<void> {
  try {
    await redo(deps, commit);
  } catch (error) {
    if (error instanceof Trouble) throw error;
    deps.report.alarm('redo_failed', { scope: deps.ids.hash(commit.scope), n: commit.n, error: nameOf(error) });
    throw new Trouble('redo failed', error);
  }
}

/**
 * The end of the log in the deployment's epoch. The first write after a restore numbers on from the next million, so
 * that no number ever means two things (design 4, Restore).
 */
export async function openLog(deps: Deps, scope: Scope): Promise<LogEnd> {
  const end = await redoTail(deps, scope);
  if (end.head.epoch >= deps.epoch) return end;
  const start = Math.max(Math.floor(end.head.applied / EPOCH_STEP) + 1, deps.epoch) * EPOCH_STEP;
  await deps.log.startEpoch(scope, end.head, deps.epoch, start);
  return openLog(deps, scope);
}

/** What an error is, for logs: its class, of trouble also the operation. Never a text that may quote a payload. */
export function nameOf(error: unknown): string {
  if (error instanceof Trouble) return `Trouble: ${error.message}`;
  return classOf(error);
}
