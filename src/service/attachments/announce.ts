import type { Actor } from '../../engine/model.ts';
import { iso } from '../../engine/wire.ts';
import type { AttachmentRequest, AttachmentResponse } from '../../protocol/attachment.ts';
import { LIMITS, TIMES } from '../../protocol/limits.ts';
import type { Deps } from '../deps.ts';
import { SyncError } from '../errors.ts';
import type { AttachmentRow } from '../ports/attachment-store.ts';
import type { Objects } from '../ports/objects.ts';
import { isExpired } from './expiry.ts';
import { firstLookMs } from './looks.ts';

const DAY_MS = 24 * 3600_000;

/**
 * Takes the announcement of an attachment and answers with a link to send it to (design 4, Photos). The id follows from
 * user and `client_id`, so that asking again is one and the same: it gives a fresh link while the bytes are awaited, and
 * says so when they are here. Throws `SyncError` 409 for other content under the same `client_id`, 429 beyond a day's
 * measure.
 */
export async function announce(deps: Deps, objects: Objects, caller: Actor, request: AttachmentRequest): Promise<AttachmentResponse> {
  const now = deps.clock.now();
  const wanted = rowOf(deps, caller, request, now);
  const row = (await known(deps, wanted.id, now)) ?? (await store(deps, wanted, now));
  const same = row.user === wanted.user && row.contentType === wanted.contentType && row.size === wanted.size && row.sha256 === wanted.sha256;
  if (!same) throw new SyncError('client_id_reused', 'This client_id already announced an attachment with other content.');
  if (row.state !== 'awaited') return { success: true, attachment_id: row.id, state: row.state, upload: null };
  if (row !== wanted) await deps.attachments.expect(row.id, { expiresAt: now + TIMES.attachmentUnusedMs, dueAt: now + firstLookMs() });
  const { url, headers, expiresAt } = await objects.linkToPut(row, LIMITS.linkSeconds);
  return {
    success: true,
    attachment_id: row.id,
    state: row.state,
    upload: { url, method: 'PUT', headers, expires_at: iso(expiresAt) },
  };
}

function rowOf(deps: Deps, caller: Actor, request: AttachmentRequest, now: number): AttachmentRow {
  const { sha256 } = request;
  return {
    id: deps.ids.hash(`attachment\n${caller.sub}\n${request.client_id}`),
    user: caller.sub,
    clientId: request.client_id,
    contentType: request.content_type,
    size: request.size,
    sha256: sha256.length === 64 ? Buffer.from(sha256, 'hex').toString('base64') : sha256,
    state: 'awaited',
    expiresAt: now + TIMES.attachmentUnusedMs,
    dueAt: now + firstLookMs(),
    looks: 0,
  };
}

async function known(deps: Deps, id: string, now: number): Promise<AttachmentRow | undefined> {
  const row = (await deps.attachments.get([id])).get(id);
  return row && !isExpired(row, now) ? row : undefined;
}

async function store(deps: Deps, wanted: AttachmentRow, now: number): Promise<AttachmentRow> {
  if (!(await deps.attachments.count(wanted.user, iso(now).slice(0, 10), wanted.size))) {
    throw new SyncError('too_many_attachments', `At most ${LIMITS.attachmentsPerDay} attachments may be announced in a day.`, {
      retryAfterSeconds: (DAY_MS - (now % DAY_MS)) / 1000,
    });
  }
  if (await deps.attachments.announce(wanted, now)) return wanted;
  // The same request at the same moment was faster.
  return (await known(deps, wanted.id, now)) ?? wanted;
}
