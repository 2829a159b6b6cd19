import type { Deps } from './deps.ts';
import type { BatchHeader, ParkedNote } from './ports/inbox.ts';
import { nameOf } from './redo.ts';
import { sendBatches, targetOf } from './redrive.ts';
import { resendDelayMs } from './retry-policy.ts';

const PAGE = 100;
/** Bounds of one run; what is left is due at the next, a minute later. */
const MOST_PAGES = 50;
const MOST_MS = 40_000;

/** What a run did: rows sent on, rows that were sent but could not be noted as such, and rows that it can't read. */
export type Swept = { batches: number; notes: number; failed: number; unreadable: number };

/**
 * Sends pending batches and parked notes again that are due, 2, 4, 8, at most 15 minutes after they were last sent
 * (design 4, Sweeper): nothing waits for ever because a message was lost (P1, P13).
 *
 * Sends first, then moves `dueAt`. Should it die in between, the row is still due and is sent once more, which is
 * harmless; the other way round a row could be moved, minute by minute, and never sent. So while the queue is down
 * rows also stay due, and go out in the first minute after.
 *
 * Throws `Trouble` when the queue or the index can't be had: nothing more was moved.
 */
export async function sweep(deps: Deps): Promise<Swept> {
  const until = deps.clock.now();
  const swept: Swept = { batches: 0, notes: 0, failed: 0, unreadable: 0 };
  const seen = new Set<string>();
  const sent = new Set<string>();
  for (let page = 0; page < MOST_PAGES && deps.clock.now() - until < MOST_MS; page++) {
    // The index lags: rows of this run may come again.
    const { rows, unreadable } = await deps.inbox.due(until, PAGE);
    // All due rows before the last one of the page were looked at, each time.
    swept.unreadable = Math.max(swept.unreadable, unreadable);
    const due = rows.filter((row) => !seen.has(rowKey(row)));
    if (due.length === 0) break;
    for (const row of due) seen.add(rowKey(row));
    await send(deps, due, sent);
    const moved = await Promise.allSettled(due.map((row) => move(deps, row)));
    for (const [i, result] of moved.entries()) {
      const row = due[i];
      if (result.status === 'rejected') {
        // One row in trouble must not keep the others from being sent (P11).
        swept.failed++;
        deps.report.warn('sweep_failed', { error: nameOf(result.reason) });
      } else if (row && 'note' in row) swept.notes++;
      else swept.batches++;
    }
  }
  if (swept.unreadable > 0) deps.report.alarm('inbox_row_unreadable', { rows: swept.unreadable });
  deps.report.count('rows_swept', swept.batches + swept.notes);
  return swept;
}

async function send(deps: Deps, due: readonly (BatchHeader | ParkedNote)[], sent: Set<string>): Promise<void> {
  const headers = due.filter((row): row is BatchHeader => !('note' in row)).filter((header) => !sent.has(targetOf(header)));
  await sendBatches(deps, headers);
  for (const header of headers) sent.add(targetOf(header));
  await sendParked(deps, due.filter((row) => 'note' in row));
}

/** Sends parked notes again, under ids of their own. */
export async function sendParked(deps: Deps, parked: readonly ParkedNote[]): Promise<void> {
  if (parked.length === 0) return;
  await deps.queue.send(
    parked.map(({ id, note }) => ({
      id: `parked ${deps.ids.uuid()}`,
      message: { kind: 'note', note, parked: id },
    })),
  );
}

/** Refused: a worker or another sweeper has it in hand. */
async function move(deps: Deps, row: BatchHeader | ParkedNote): Promise<boolean> {
  const sends = row.sends + 1;
  const change = { sends, dueAt: deps.clock.now() + resendDelayMs(sends) };
  return 'note' in row ? await deps.inbox.repark(row, change) : await deps.inbox.change(row, change);
}

function rowKey(row: BatchHeader | ParkedNote): string {
  return 'note' in row ? JSON.stringify([row.note.scope, row.id]) : JSON.stringify([row.owner.user, row.owner.device, row.batchId]);
}
