import type { Actor } from '../engine/model.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { ActionsResponse } from '../protocol/upload.ts';
import type { Deps } from './deps.ts';
import { fewAtOnce } from './few-at-once.ts';
import type { BatchHeader, Owner } from './ports/inbox.ts';
import { answer } from './results.ts';

const INBOXES_AT_ONCE = 10;

/**
 * Results of earlier actions of the caller (`GET /sync/actions`); `unknown` for ids that were never accepted, from any
 * of their devices: a phone that was set up from another's backup asks for what that one sent (P1).
 */
export async function lookupActions(deps: Deps, caller: Actor, deviceId: string, clientIds: string[]): Promise<ActionsResponse> {
  const owner = { user: caller.sub, device: deviceId };
  const wanted = [...new Set(clientIds)].map((clientId) => ({ clientId }));
  // The inbox first: a batch is removed only after its outcomes can be read.
  const headers = await deps.inbox.headers(owner);
  const found = await answer(deps, caller, owner, wanted, headers, false);
  if (found.results.every(({ status }) => status !== 'unknown')) return { success: true, ...found };
  const others = await inboxesOfOthers(deps, owner);
  return { success: true, ...(others ? await answer(deps, caller, owner, wanted, [...headers, ...others], false) : found) };
}

/** What stands in the inboxes of the user's other devices; nothing when there are none. */
async function inboxesOfOthers(deps: Deps, { user, device }: Owner): Promise<BatchHeader[] | undefined> {
  const { rows } = await deps.devices.list(user, '', LIMITS.devicesPerUser);
  const others = rows.filter((row) => row.device !== device);
  const headers: BatchHeader[] = [];
  await fewAtOnce(
    INBOXES_AT_ONCE,
    others.map((row) => async () => void headers.push(...(await deps.inbox.headers({ user, device: row.device })))),
  );
  return others.length > 0 ? headers : undefined;
}
