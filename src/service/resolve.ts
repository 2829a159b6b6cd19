import { sees } from '../engine/domain.ts';
import { actionKey, globalKey, recordKey } from '../engine/keys.ts';
import type { AcceptedAction, Actor, ConflictRow, Decision, DoneAction } from '../engine/model.ts';
import { canonicalJson, sameJson } from '../engine/value.ts';
import type { Json } from '../protocol/json.ts';
import type { WireConflict } from '../protocol/conflict.ts';
import type { ResolveRequest, ResolveResponse } from '../protocol/conflict.ts';
import { toWireConflicts } from './conflicts.ts';
import type { Deps } from './deps.ts';
import { SyncError, Trouble } from './errors.ts';
import type { Owner } from './ports/inbox.ts';
import { redriveResent } from './redrive.ts';
import { currentRecords } from './results.ts';
import { untried } from './retry-policy.ts';
import { batchIdOf } from './upload.ts';
import { waitFor } from './wait.ts';

/** Resolutions stand in the inbox under this device, outside limits and status (design 3). */
export const RESOLVE_DEVICE = '~resolve';

/**
 * Settles an open conflict by a person's decision: queued to the record's home like any action, so that it is exact
 * and every device downloads it. Safe to repeat: the same decision by the same caller answers the same. Throws
 * `SyncError` 404, 409 (`already_resolved`, `conflict_changed` with the refreshed conflict), 422; `Trouble` (503) when
 * the outcome is not known in time.
 */
export async function resolveConflict(deps: Deps, caller: Actor, request: ResolveRequest, waitMs: number): Promise<ResolveResponse> {
  const decision = { ...decisionOf(request) };
  const conflict = await findConflict(deps, caller, request.conflict_id);
  if (conflict.status === 'resolved') {
    if (!sameDecision(conflict, caller, decision)) throw await alreadyResolved(deps, caller, conflict);
    return respond(deps, caller, conflict);
  }
  // Who does not say what they saw has seen the conflict as it is now, not as it may be when the decision is planned (P4).
  const full: Decision = { serverVersion: conflict.serverVersion, ...decision, conflictUser: conflict.user };
  const words = [conflict.id, conflict.revision, caller.sub, decision.strategy, decision.resolvedData ?? null, decision.serverVersion ?? null];
  const clientId = await idOf(deps, caller, words);
  const done = await decide(deps, caller, conflict, full, clientId, waitMs);
  const now = await findConflict(deps, caller, request.conflict_id);
  if (done.status === 'success') return respond(deps, caller, now);
  switch (done.code) {
    case 'already_resolved':
      throw await alreadyResolved(deps, caller, now);
    case 'conflict_changed':
    case 'discarded': {
      const members = { conflict: await toWire(deps, caller, now) };
      const reason = done.code === 'discarded' ? 'An admin discarded this decision' : 'The record changed since the conflict was shown';
      throw new SyncError('conflict_changed', `${reason}; decide again.`, { members });
    }
    case 'validation_failed':
    case 'too_large':
      throw new SyncError('validation_failed', 'The resolved data are not valid.', { errors: done.errors ?? [] });
    default:
      throw notFound();
  }
}

/** The same words on the same conflict are one action, however often they are sent, until an admin discards it. */
async function idOf(deps: Deps, caller: Actor, words: Json[]): Promise<string> {
  for (let again = 0; ; again++) {
    const clientId = `r-${deps.ids.hash(canonicalJson(again === 0 ? words : [...words, again]))}`;
    const done = await deps.actions.get([{ user: caller.sub, clientId }]);
    if (done.get(actionKey(caller.sub, clientId))?.code !== 'discarded') return clientId;
  }
}

function decisionOf(request: ResolveRequest): Omit<Decision, 'conflictUser'> {
  const strategy = request.strategy ?? 'server_wins';
  const resolvedData = request.resolved_data ?? undefined;
  if (strategy === 'manual' && resolvedData === undefined) {
    const errors = [{ pointer: '/resolved_data', code: 'required', message: 'The strategy manual needs resolved_data.' }];
    throw new SyncError('validation_failed', 'The decision is not complete.', { errors });
  }
  return {
    conflictId: request.conflict_id,
    strategy,
    ...(strategy === 'manual' && resolvedData !== undefined ? { resolvedData } : {}),
    ...(typeof request.server_version === 'number' ? { serverVersion: request.server_version } : {}),
  };
}

/** The conflict, if the caller may settle it: its owner, who still sees the record, or an admin. Else 404. */
async function findConflict(deps: Deps, caller: Actor, id: string): Promise<ConflictRow> {
  const own = await deps.conflicts.get([{ user: caller.sub, id }]);
  let conflict = own.get(actionKey(caller.sub, id));
  if (!conflict && caller.role === 'admin') {
    const user = await deps.conflicts.owner(id);
    if (user !== undefined) conflict = (await deps.conflicts.get([{ user, id }])).get(actionKey(user, id));
  }
  if (!conflict) throw notFound();
  const key = { scope: conflict.home, key: recordKey(conflict.home, conflict.home, conflict.type, conflict.entityId) };
  const [row] = [...(await deps.entities.get([key])).values()];
  // None: it was deleted, and its tombstone has expired since.
  if (row && !(caller.role === 'admin' || sees(caller, row))) throw notFound();
  return conflict;
}

function notFound(): SyncError {
  return new SyncError('not_found', 'There is no such conflict, or you may not see it.');
}

function sameDecision(conflict: ConflictRow, caller: Actor, decision: Omit<Decision, 'conflictUser'>): boolean {
  if (conflict.resolvedBy !== caller.sub || conflict.strategy !== decision.strategy) return false;
  return decision.strategy !== 'manual' || sameJson(conflict.resolvedData, decision.resolvedData ?? null);
}

async function alreadyResolved(deps: Deps, caller: Actor, conflict: ConflictRow): Promise<SyncError> {
  const members = { conflict: await toWire(deps, caller, conflict) };
  return new SyncError('already_resolved', 'This conflict was already resolved by another decision.', { members });
}

async function toWire(deps: Deps, caller: Actor, conflict: ConflictRow): Promise<WireConflict | undefined> {
  return (await toWireConflicts(deps, [conflict], caller))[0];
}

/** Queues the decision, unless this very one is queued or done, and waits for its outcome. */
async function decide(
  deps: Deps,
  caller: Actor,
  conflict: ConflictRow,
  decision: Decision,
  clientId: string,
  waitMs: number,
): Promise<DoneAction> {
  const owner: Owner = { user: caller.sub, device: RESOLVE_DEVICE };
  const headers = await deps.inbox.headers(owner);
  const queued = headers.find((header) => header.actions.some((entry) => entry.clientId === clientId));
  if (!queued) await store(deps, owner, caller, conflict, decision, clientId);
  // As of an upload: what died is tried again when it is sent again, at most once an hour.
  else if (queued.state === 'dead') await redriveResent(deps, queued, caller);
  const message = { kind: 'batches' as const, scope: conflict.home, owner };
  await deps.queue.send([{ id: `resolve ${deps.ids.uuid()}`, message }]);
  const left = await waitFor(deps, owner, [clientId], waitMs);
  const waits = left.some((header) => header.actions.some((entry) => entry.clientId === clientId));
  const done = waits ? undefined : await deps.actions.get([{ user: caller.sub, clientId }]);
  const outcome = done?.get(actionKey(caller.sub, clientId));
  if (!outcome) throw new Trouble('the resolution has no outcome yet', undefined);
  return outcome;
}

async function store(
  deps: Deps,
  owner: Owner,
  caller: Actor,
  conflict: ConflictRow,
  decision: Decision,
  clientId: string,
): Promise<void> {
  const now = deps.clock.now();
  const action: AcceptedAction = {
    clientId,
    actionType: 'resolve_conflict',
    entityType: conflict.type,
    entityId: conflict.entityId,
    time: now,
    hash: clientId,
    order: now,
    decision,
  };
  const { role, departments, sub } = caller;
  await deps.inbox.put(
    {
      owner,
      // Decisions have no upload counter: ordered by time, told apart by their hash.
      batchId: `${batchIdOf(now, 0)}-${clientId}`,
      scope: conflict.home,
      claims: { sub, role, departments },
      acceptedAt: now,
      actions: [
        {
          clientId,
          hash: clientId,
          actionType: action.actionType,
          entityType: conflict.type,
          record: globalKey(conflict.home, conflict.type, conflict.entityId),
          order: now,
        },
      ],
      ...untried(now),
    },
    [action],
  );
}

async function respond(deps: Deps, caller: Actor, conflict: ConflictRow): Promise<ResolveResponse> {
  const wire = await toWire(deps, caller, conflict);
  if (!wire) throw notFound();
  const name = { home: conflict.home, type: conflict.type, entityId: conflict.entityId };
  const seer = caller.role === 'admin' ? { ...caller, scopes: [...caller.scopes, conflict.home] } : caller;
  const records = await currentRecords(deps, seer, [name]);
  return { success: true, conflict: wire, record: records.get(globalKey(name.home, name.type, name.entityId)) ?? null };
}
