import type { Actor } from '../engine/model.ts';
import type { ActionsResponse } from '../protocol/upload.ts';
import type { Deps } from './deps.ts';
import { answer } from './results.ts';

/** Results of earlier actions of the caller (`GET /sync/actions`); `unknown` for ids that were never accepted. */
export async function lookupActions(deps: Deps, caller: Actor, deviceId: string, clientIds: string[]): Promise<ActionsResponse> {
  const owner = { user: caller.sub, device: deviceId };
  // The inbox first: a batch is removed only after its outcomes can be read.
  const headers = await deps.inbox.headers(owner);
  const wanted = [...new Set(clientIds)].map((clientId) => ({ clientId }));
  const { results, conflicts } = await answer(deps, caller, owner, wanted, headers, false);
  return { success: true, results, conflicts };
}
