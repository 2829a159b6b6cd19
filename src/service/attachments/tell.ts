import { globalKey } from '../../engine/keys.ts';
import type { AttachmentState } from '../../engine/model.ts';
import type { LinkRow } from '../../engine/views.ts';
import { TIMES } from '../../protocol/limits.ts';
import type { Deps } from '../deps.ts';
import type { Holder } from '../ports/attachment-store.ts';
import type { BatchHeader, Owner } from '../ports/inbox.ts';
import { untried } from '../retry-policy.ts';

/** What the server tells of attachments stands in the inbox under this device, outside limits and status (design 3). */
export const PHOTO_DEVICE = '~photo';

/**
 * The view of a link (design 4, Photos). The check may have ended between the worker's read and this write: what the
 * attachment now says is told to the record, unless the commit says the same.
 */
export async function writeLink(deps: Deps, link: LinkRow): Promise<void> {
  const found = await deps.attachments.link(link, link.live ? link.at : link.at + TIMES.attachmentReleasedMs);
  if (!link.live || (found?.n !== undefined && found.n > link.n && found.attachedTo === link.key)) return;
  const state = found?.attachedTo === link.key ? found.state : 'refused';
  if (state !== link.state) await tell(deps, found?.user ?? link.row.createdBy, link.row, { id: link.id, state }, link.n);
}

export type Word = { id: string; state: AttachmentState };

/** The client_id of the action that tells a record this word, as of that commit. */
export function idOfWord(deps: Pick<Deps, 'ids'>, { home, type, entityId }: Holder, word: Word, n: number): string {
  return `~photo-${deps.ids.hash(`${word.id}\n${word.state}\n${globalKey(home, type, entityId)}\n${n}`)}`;
}

/**
 * Tells a record what became of an attachment, as a batch for its home scope: a new version that every device downloads
 * (P5, P6, P8). The same word is one action, however often it is told (P2), but anew for each commit `n` that last spoke
 * of the attachment: an earlier word may have found the record deleted, and then it was brought back as it had been.
 * Clients can't send an id with `~`.
 */
export async function tell(deps: Deps, user: string, holder: Holder, word: Word, n: number): Promise<void> {
  const { home, type, entityId } = holder;
  const record = globalKey(home, type, entityId);
  const clientId = idOfWord(deps, holder, word, n);
  const owner: Owner = { user, device: PHOTO_DEVICE };
  const now = deps.clock.now();
  const header: BatchHeader = {
    owner,
    batchId: clientId,
    scope: home,
    claims: { sub: user, role: 'citizen', departments: [] },
    acceptedAt: now,
    actions: [{ clientId, hash: clientId, actionType: 'attachment_state', entityType: type, record, order: now }],
    ...untried(now),
  };
  const action = { clientId, hash: clientId, actionType: 'attachment_state', entityType: type, entityId, time: now, order: now, attachment: word };
  // One that is being worked on keeps its state.
  if (!(await deps.inbox.header(owner, clientId))) await deps.inbox.put(header, [action]);
  await deps.queue.send([{ id: `photo ${deps.ids.uuid()}`, message: { kind: 'batches', scope: home, owner } }]);
}
