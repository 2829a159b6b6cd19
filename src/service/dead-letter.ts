import { actionKey } from '../engine/keys.ts';
import type { Scope } from '../engine/model.ts';
import type { Deps } from './deps.ts';
import { HoleInLog, Trouble } from './errors.ts';
import { noteId, park } from './parked.ts';
import type { BatchHeader, Owner } from './ports/inbox.ts';
import type { Message } from './ports/queue.ts';
import { nameOf, redoTail } from './redo.ts';
import { targetOf } from './redrive.ts';
import { revivalDelayMs } from './retry-policy.ts';

/** A message from the dead letters. */
export type DeadLetter = { id: string; body: Message };

/**
 * Settles what the work queue gave up on (design 4, Dead letters). Batches whose actions are all in the log are
 * removed; the others stay pending and are sent again later, for an outage must not kill. Audience messages are parked
 * in the inbox. Idempotent. Returns the ids of messages that must come again.
 */
export async function bury(deps: Deps, letters: readonly DeadLetter[]): Promise<{ failed: string[] }> {
  const settled = new Map<string, boolean>();
  const failed: string[] = [];
  for (const { id, body } of letters) {
    const key = body.kind === 'note' ? noteId(deps, body.note) : targetOf(body);
    const done = settled.get(key) ?? (await settle(deps, body));
    settled.set(key, done);
    if (!done) failed.push(id);
  }
  return { failed };
}

async function settle(deps: Deps, body: Message): Promise<boolean> {
  try {
    if (body.kind === 'note') await park(deps, body.note);
    else await revive(deps, body.scope, body.owner);
    deps.report.count('dead_letters');
    return true;
  } catch (error) {
    const scope = deps.ids.hash(body.kind === 'note' ? body.note.scope : body.scope);
    if (error instanceof HoleInLog) deps.report.alarm('hole_in_log', { scope, n: error.missing });
    else if (error instanceof Trouble) deps.report.warn('dead_letter_failed', { scope, error: nameOf(error) });
    else deps.report.alarm('dead_letter_failed', { scope, error: nameOf(error) });
    return false;
  }
}

async function revive(deps: Deps, scope: Scope, owner: Owner): Promise<void> {
  await redoTail(deps, scope);
  // The inbox before the outcomes: a row that is read here and finished meanwhile is found finished below.
  const headers = (await deps.inbox.headers(owner)).filter((header) => header.scope === scope);
  for (const header of headers) {
    if (await isFinished(deps, header)) await deps.inbox.remove(header);
    else if (header.state === 'pending') await delay(deps, header);
  }
}

/** Is every action in a log whose `applied` has reached it (design 4, Worker)? */
async function isFinished(deps: Deps, header: BatchHeader): Promise<boolean> {
  const { user } = header.owner;
  const rows = await deps.actions.get(header.actions.map(({ clientId }) => ({ user, clientId })));
  const reached = new Map<Scope, number>();
  for (const { clientId } of header.actions) {
    const row = rows.get(actionKey(user, clientId));
    if (!row) return false;
    reached.set(row.scope, Math.max(row.n, reached.get(row.scope) ?? 0));
  }
  for (const [scope, n] of reached) if ((await deps.log.head(scope)).applied < n) return false;
  return true;
}

/** Only ever later: the message is gone, and the row must not be sent into the same trouble at once. */
async function delay(deps: Deps, header: BatchHeader): Promise<void> {
  const dueAt = deps.clock.now() + revivalDelayMs(header.sends);
  // Refused: somebody works on it, and then it is not forgotten.
  if (dueAt > header.dueAt) await deps.inbox.change(header, { dueAt });
}
