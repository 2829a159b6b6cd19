import { actionKey } from '../engine/keys.ts';
import type { Deps } from './deps.ts';
import type { BatchHeader } from './ports/inbox.ts';

/**
 * The headers with only those actions that have no outcome yet. A batch that failed, or that waits behind a dead one,
 * may be done in part: what is done counts neither as pending nor as failed. Others are done as a whole within moments
 * and are not looked up.
 */
export async function withoutOutcome(deps: Deps, headers: readonly BatchHeader[]): Promise<BatchHeader[]> {
  const stuck = new Set(headers.flatMap(({ owner, state }) => (state === 'dead' ? [ownerOf(owner)] : [])));
  const partial = headers.filter(({ owner, attempts }) => attempts > 0 || stuck.has(ownerOf(owner)));
  const keys = partial.flatMap(({ owner, actions }) => actions.map(({ clientId }) => ({ user: owner.user, clientId })));
  if (keys.length === 0) return [...headers];
  const done = await deps.actions.get(keys);
  return headers.map((header) => ({
    ...header,
    actions: header.actions.filter(({ clientId }) => !done.has(actionKey(header.owner.user, clientId))),
  }));
}

function ownerOf({ user, device }: BatchHeader['owner']): string {
  return JSON.stringify([user, device]);
}
