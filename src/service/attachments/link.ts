import { globalKey } from '../../engine/keys.ts';
import type { Actor, EntityRow } from '../../engine/model.ts';
import { iso } from '../../engine/wire.ts';
import type { AttachmentLinkResponse } from '../../protocol/attachment.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { ID_PATTERN } from '../../protocol/primitives.ts';
import type { Deps } from '../deps.ts';
import { SyncError } from '../errors.ts';
import type { AttachmentRow } from '../ports/attachment-store.ts';
import type { Objects } from '../ports/objects.ts';
import { visibleRows } from '../record.ts';

/**
 * A link to an attachment, for who sees the live record that names it, once it was checked. Everything else is the same
 * 404 (P10). One that is awaited is looked for within a minute: the event that it came may have been lost.
 */
export async function linkTo(deps: Deps, objects: Objects, caller: Actor, id: string, entityId: string): Promise<AttachmentLinkResponse> {
  if (!ID_PATTERN.test(id)) throw notFound();
  const holder = await holderOf(deps, caller, id, entityId);
  const row = holder && (await deps.attachments.get([id])).get(id);
  if (!row || row.attachedTo !== globalKey(holder.home, holder.type, holder.entityId)) throw notFound();
  if (row.state === 'awaited') await lookSoon(deps, row);
  if (row.state !== 'ready') throw notFound();
  const place = row.kept ? 'photos' : 'incoming';
  const { url, expiresAt } = await objects.linkToGet({ place, id, contentType: row.contentType }, LIMITS.linkSeconds);
  return { success: true, url, expires_at: iso(expiresAt) };
}

/** The record of that id which names the attachment, as the caller sees it. */
async function holderOf(deps: Deps, caller: Actor, id: string, entityId: string): Promise<EntityRow | undefined> {
  const types = Object.values(deps.engine.domain.types).filter(({ fields }) => Object.values(fields).some((field) => field.attachments));
  const rows = await Promise.all(types.map((type) => visibleRows(deps, caller, type, entityId)));
  return rows.flat().find((row) => row.state === 'live' && row.attachments !== undefined && Object.hasOwn(row.attachments, id));
}

async function lookSoon(deps: Deps, row: AttachmentRow): Promise<void> {
  const now = deps.clock.now();
  // In exchange for the last look: who asks must not use up the looks that come by themselves.
  if (row.dueAt === undefined || row.dueAt > now) await deps.attachments.postpone(row, now, Math.max(0, row.looks - 1));
}

function notFound(): SyncError {
  return new SyncError('not_found', 'There is no such attachment, or you may not see it.');
}
