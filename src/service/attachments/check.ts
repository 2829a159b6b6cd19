import { TIMES } from '../../protocol/limits.ts';
import type { Deps } from '../deps.ts';
import { fewAtOnce } from '../few-at-once.ts';
import type { AttachmentRow } from '../ports/attachment-store.ts';
import type { Objects } from '../ports/objects.ts';
import { nameOf } from '../redo.ts';
import { nextLookMs } from './looks.ts';
import { idOfWord, tell } from './tell.ts';

const PAGE = 100;
const AT_ONCE = 8;
/** Bounds of one run; what is left is due at the next, a minute later. */
const MOST_PAGES = 20;
const MOST_MS = 40_000;
const MINUTE_MS = 60_000;

/**
 * Brings one attachment forward (design 4, Photos): looks for its object and judges it, moves it to where nothing
 * expires once a record names it, tells that record, and removes what was released. Every step may be repeated, and the
 * row stays due until all is done: an event that is lost or a crash costs time only.
 */
export async function check(deps: Deps, objects: Objects, id: string): Promise<void> {
  const read = (await deps.attachments.get([id])).get(id);
  if (!read) return;
  if (read.releasedAt !== undefined) return removeReleased(deps, objects, read);
  const row = read.state === 'awaited' ? await judged(deps, objects, read) : read;
  // Released while it was looked for: it is due by itself, and must stay so until it is removed (P13).
  if (!row || row.releasedAt !== undefined) return;
  if (row.state === 'ready' && row.holder && !row.kept) {
    if (await objects.keep(id)) await deps.attachments.keep(id);
    else deps.report.alarm('attachment_lost', { code: 'nothing to keep' });
  }
  if (row.holder && row.told !== row.state) {
    const word = { id, state: row.state };
    const clientId = idOfWord(deps, row.holder, word, row.n ?? 0);
    // It met a deleted record, or an admin discarded it: no repetition will do more.
    const isDone = (await deps.actions.get([{ user: row.user, clientId }])).size > 0;
    if (!isDone) await tell(deps, row.user, row.holder, word, row.n ?? 0);
    // The commit that shows it ends this; until then it is told again.
    return deps.attachments.postpone(row, isDone ? undefined : deps.clock.now() + MINUTE_MS, 0);
  }
  await deps.attachments.postpone(row, undefined, 0);
}

/** The row after the word on its object; nothing while there is none. */
async function judged(deps: Deps, objects: Objects, row: AttachmentRow): Promise<AttachmentRow | undefined> {
  const now = deps.clock.now();
  const found = await objects.look('incoming', row.id);
  if (!found) {
    const pause = nextLookMs(row.looks);
    // Before the link has run out it is no news that there is nothing.
    if (row.dueAt !== undefined && row.dueAt <= now) await deps.attachments.postpone(row, pause === undefined ? undefined : now + pause, row.looks + 1);
    return undefined;
  }
  const good = found.size === row.size && found.contentType === row.contentType && found.sha256 === row.sha256;
  const word = { state: good ? ('ready' as const) : ('refused' as const), expiresAt: found.at + TIMES.attachmentUnusedMs, dueAt: now + MINUTE_MS };
  deps.report.count(good ? 'attachments_ready' : 'attachments_refused');
  return deps.attachments.settle(row.id, word);
}

/** What a record no longer names is removed after a time in which a decision about a conflict may bring it back. */
async function removeReleased(deps: Deps, objects: Objects, row: AttachmentRow): Promise<void> {
  const endsAt = (row.releasedAt ?? 0) + TIMES.attachmentReleasedMs;
  // Its bytes came meanwhile: else it would be looked at every minute until then.
  if (deps.clock.now() < endsAt) return deps.attachments.postpone(row, endsAt, row.looks);
  if (!(await deps.attachments.giveUp(row))) return;
  await objects.remove('photos', row.id);
  await objects.remove('incoming', row.id);
  await deps.attachments.remove(row.id);
  deps.report.count('attachments_removed');
}

/** What a run did, and what it could not do: that stays due. */
export type Checked = { checked: number; failed: number };

/** Checks all that is due. One in trouble must not keep the others waiting (P11). */
export async function checkDue(deps: Deps, objects: Objects): Promise<Checked> {
  const begun = deps.clock.now();
  const done: Checked = { checked: 0, failed: 0 };
  const seen = new Set<string>();
  for (let page = 0; page < MOST_PAGES && deps.clock.now() - begun < MOST_MS; page++) {
    // The index lags: rows of this run may come again.
    const due = (await deps.attachments.due(begun, PAGE)).filter((id) => !seen.has(id));
    if (due.length === 0) break;
    for (const id of due) seen.add(id);
    await fewAtOnce(AT_ONCE, due.map((id) => async () => {
      try {
        await check(deps, objects, id);
        done.checked++;
      } catch (error) {
        done.failed++;
        deps.report.warn('attachment_check_failed', { error: nameOf(error) });
      }
    }));
  }
  return done;
}
