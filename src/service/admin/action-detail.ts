import { actionKey } from '../../engine/keys.ts';
import type { AcceptedAction, DoneAction } from '../../engine/model.ts';
import { iso } from '../../engine/wire.ts';
import type { AdminRow } from '../../protocol/admin.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { batchRef, readBatchRef } from '../batch-ref.ts';
import type { Deps } from '../deps.ts';
import type { BatchHeader } from '../ports/inbox.ts';
import { RESOLVE_DEVICE } from '../resolve.ts';
import { UNKNOWN_ERRORS_UNTIL_DEAD } from '../retry-policy.ts';
import { START } from '../walk.ts';
import { entityIdOf } from './batches.ts';
import { needed, type AdminQuery } from './ask.ts';

/*
 * What an admin reads before deciding about a stuck or dead action: its payload and what went wrong. The only queries
 * that answer with payloads of the inbox; like all bodies, they are never logged.
 */

/** One action of one user, wherever it is: waiting, dead or done. No row for an id that was never accepted. */
export const action: AdminQuery = async (deps, { params, from }) => {
  const user = needed(params, 'user', 'user');
  const clientId = needed(params, 'clientId', 'client_id');
  if (from !== START) return { rows: [] };
  const done = (await deps.actions.get([{ user, clientId }])).get(actionKey(user, clientId));
  if (done) return { rows: [doneRow(done)] };
  const header = await headerOf(deps, user, clientId);
  return { rows: header ? (await rowsOf(deps, header)).filter((row) => row['client_id'] === clientId) : [] };
};

/** Every action of one batch, in its order. No rows for a batch that is done. */
export const batch: AdminQuery = async (deps, { params, from }) => {
  const place = readBatchRef(needed(params, 'batch', 'batch_id'));
  if (!place || from !== START) return { rows: [] };
  const header = await deps.inbox.header(place.owner, place.batchId);
  return { rows: header ? await rowsOf(deps, header) : [] };
};

/** The batch that holds the action: in the inbox of one of the user's devices, or among their decisions. */
async function headerOf(deps: Deps, user: string, clientId: string): Promise<BatchHeader | undefined> {
  const { rows } = await deps.devices.list(user, '', LIMITS.devicesPerUser);
  const devices = [...rows.map(({ device }) => device), RESOLVE_DEVICE];
  const inboxes = await Promise.all(devices.map((device) => deps.inbox.headers({ user, device })));
  return inboxes.flat().find(({ actions }) => actions.some((entry) => entry.clientId === clientId));
}

async function rowsOf(deps: Deps, header: BatchHeader): Promise<AdminRow[]> {
  const { user } = header.owner;
  const [payloads, done] = await Promise.all([
    deps.inbox.payloads([header]),
    deps.actions.get(header.actions.map(({ clientId }) => ({ user, clientId }))),
  ]);
  const payload = new Map(payloads.get(header.batchId)?.map((accepted) => [accepted.clientId, accepted]));
  return header.actions.map((entry) => {
    const outcome = done.get(actionKey(user, entry.clientId));
    return outcome ? doneRow(outcome, header, payload.get(entry.clientId)) : openRow(header, entry, payload.get(entry.clientId));
  });
}

function openRow(header: BatchHeader, entry: BatchHeader['actions'][number], accepted: AcceptedAction | undefined): AdminRow {
  return {
    client_id: entry.clientId,
    user: header.owner.user,
    device_id: header.owner.device,
    batch_id: batchRef(header.owner, header.batchId),
    state: header.state === 'dead' ? 'failed' : 'pending',
    action_type: entry.actionType,
    entity_type: entry.entityType,
    entity_id: entityIdOf(entry) ?? accepted?.entityId ?? null,
    home: header.scope,
    ...payloadOf(accepted),
    action_time: accepted ? iso(accepted.time) : null,
    accepted_at: iso(header.acceptedAt),
    attempts: header.attempts,
    retry_count: header.attempts,
    max_retries: UNKNOWN_ERRORS_UNTIL_DEAD,
    last_error: header.lastError ?? null,
    next_send_at: header.state === 'pending' ? iso(header.dueAt) : null,
    status: null,
    code: null,
    errors: null,
    version: null,
    conflict_id: null,
  };
}

/** Done, perhaps while others of its batch are not. Afterwards the payload is only in the log and in conflicts. */
function doneRow(done: DoneAction, header?: BatchHeader, accepted?: AcceptedAction): AdminRow {
  return {
    client_id: done.clientId,
    user: done.user,
    device_id: done.device,
    batch_id: header ? batchRef(header.owner, header.batchId) : null,
    state: 'done',
    action_type: done.actionType,
    entity_type: done.entityType,
    entity_id: done.entityId ?? null,
    home: done.home ?? null,
    ...payloadOf(accepted),
    action_time: iso(done.time),
    accepted_at: iso(done.acceptedAt),
    attempts: done.retries,
    retry_count: done.retries,
    max_retries: UNKNOWN_ERRORS_UNTIL_DEAD,
    last_error: null,
    next_send_at: null,
    status: done.status,
    code: done.code ?? null,
    errors: done.errors ?? null,
    version: done.version ?? null,
    conflict_id: done.conflictId ?? null,
  };
}

function payloadOf(accepted: AcceptedAction | undefined) {
  return {
    data: accepted?.data ?? null,
    base: accepted?.base ?? null,
    base_version: accepted?.baseVersion ?? null,
    conflict_strategy: accepted?.strategy ?? null,
  };
}
