import { actionKey, globalKey, recordKey } from '../engine/keys.ts';
import type { Actor, DoneAction, Scope } from '../engine/model.ts';
import { jsonBytes } from '../engine/value.ts';
import { toRecord } from '../engine/wire.ts';
import type { WireConflict } from '../protocol/conflict.ts';
import type { WireRecord } from '../protocol/record.ts';
import type { ActionResult } from '../protocol/upload.ts';
import { toWireConflicts } from './conflicts.ts';
import type { Deps } from './deps.ts';
import { outcomeMessage, rejectionMessage } from './messages.ts';
import type { BatchHeader, Owner } from './ports/inbox.ts';
import { seenIn } from './seen.ts';
import { countFitting } from './walk.ts';

/** Most bytes of records, and of conflicts, in one answer: a function's answer is at most 6 MB. */
const MOST_BYTES = 2 * 1024 * 1024;

/** An action whose result is asked for. */
export type Wanted = {
  clientId: string;
  /** Hash of the content that was sent; none when only the id is known. */
  hash?: string;
  /** Upload order of this sending; an outcome of another order means that this was a resend. */
  order?: number;
  duplicate?: boolean;
  /** Prefix for pointers of faults. */
  pointer?: string;
};

/**
 * The results of actions, in their order. An outcome is final only when `applied` of its scope has reached its commit,
 * so that the caller's next download contains it (P7); until then it reads `queued`.
 */
export async function answer(
  deps: Deps,
  viewer: Actor,
  owner: Owner,
  wanted: readonly Wanted[],
  headers: readonly BatchHeader[],
  representation: boolean,
): Promise<{ results: ActionResult[]; conflicts: WireConflict[] }> {
  const waiting = new Map(headers.flatMap((header) => header.actions.map((entry) => [entry.clientId, { header, entry }])));
  // What waits no more is done, if it was ever accepted.
  const rows = await deps.actions.get(wanted.map(({ clientId }) => ({ user: owner.user, clientId })), { likely: waiting.size === 0 });
  const applied = await appliedOf(deps, wanted, rows, waiting, owner);
  const finals: { want: Wanted; row: DoneAction }[] = [];
  const results = wanted.map((want): ActionResult => {
    const row = rows.get(actionKey(owner.user, want.clientId));
    const queued = waiting.get(want.clientId);
    const hash = row?.hash ?? queued?.entry.hash;
    if (want.hash !== undefined && hash !== undefined && want.hash !== hash) return reused(want);
    if (row && (applied.get(row.scope) ?? row.n) >= row.n) {
      finals.push({ want, row });
      return toResult(deps, row, want, owner.device);
    }
    const duplicate = want.duplicate ? { duplicate: true as const } : {};
    if (queued?.header.state === 'dead') {
      const error = { code: 'failed', message: 'The server could not apply this action; an administrator was told.' };
      return { client_id: want.clientId, status: 'failed', message: error.message, ...duplicate, error };
    }
    const known = row !== undefined || queued !== undefined || want.hash !== undefined;
    if (!known) return { client_id: want.clientId, status: 'unknown', message: 'This action was never accepted.' };
    return { client_id: want.clientId, status: 'queued', message: 'Accepted; not applied yet.', ...duplicate };
  });
  const conflicts = await conflictsOf(deps, viewer, finals);
  if (representation) await addRecords(deps, viewer, results, finals);
  return { results, conflicts };
}

/** `applied` of the scopes where that is in doubt: not for a batch that was removed, for that happens after. */
async function appliedOf(
  deps: Deps,
  wanted: readonly Wanted[],
  rows: ReadonlyMap<string, DoneAction>,
  waiting: ReadonlyMap<string, unknown>,
  owner: Owner,
): Promise<Map<Scope, number>> {
  const doubtful = new Set<Scope>();
  for (const { clientId, hash } of wanted) {
    const row = rows.get(actionKey(owner.user, clientId));
    if (row && (hash === undefined || waiting.has(clientId))) doubtful.add(row.scope);
  }
  const heads = await Promise.all([...doubtful].map(async (scope) => [scope, (await deps.log.head(scope)).applied] as const));
  return new Map(heads);
}

function reused(want: Wanted): ActionResult {
  const message = rejectionMessage('client_id_reused');
  return { client_id: want.clientId, status: 'rejected', message, error: { code: 'client_id_reused', message } };
}

function toResult(deps: Deps, row: DoneAction, want: Wanted, device: string): ActionResult {
  const message = outcomeMessage(deps.engine.domain, row);
  // Orders are a device's own: the same one of another device is another sending.
  const resent = want.order !== undefined && (want.order !== row.order || device !== row.device);
  const duplicate = want.duplicate || resent;
  const errors = row.errors?.map((error) => ({ ...error, pointer: `${want.pointer ?? ''}${error.pointer}` }));
  return {
    client_id: row.clientId,
    status: row.status,
    ...(row.serverId === undefined ? {} : { server_id: row.serverId }),
    ...(row.entityId === undefined ? {} : { entity_id: row.entityId }),
    ...(row.home === undefined ? {} : { home: row.home }),
    ...(row.version === undefined ? {} : { version: row.version }),
    message,
    ...(row.merged ? { merged: true as const } : {}),
    ...(duplicate ? { duplicate: true as const } : {}),
    ...(row.conflictId === undefined ? {} : { conflict_id: row.conflictId }),
    ...(row.resolution === undefined ? {} : { resolution: row.resolution }),
    ...(row.code === undefined ? {} : { error: { code: row.code, message, ...(errors ? { errors } : {}) } }),
  };
}

type Final = { want: Wanted; row: DoneAction };

/** The conflicts that results name, each once, as they are now; what no longer fits the answer is listed by its route. */
async function conflictsOf(deps: Deps, viewer: Actor, finals: readonly Final[]): Promise<WireConflict[]> {
  const ids = [...new Set(finals.flatMap(({ row }) => row.conflictId ?? []))];
  if (ids.length === 0) return [];
  const rows = await deps.conflicts.get(ids.map((id) => ({ user: viewer.sub, id })));
  const conflicts = await toWireConflicts(deps, [...rows.values()], viewer);
  return conflicts.slice(0, countFitting(conflicts, MOST_BYTES));
}

/**
 * `Prefer: return=representation`: each final result with the record as it now is, null when gone or out of sight; what
 * no longer fits the answer is left out.
 */
async function addRecords(deps: Deps, viewer: Actor, results: ActionResult[], finals: readonly Final[]): Promise<void> {
  const named = finals.flatMap(({ row }) =>
    row.home === undefined || row.entityId === undefined
      ? []
      : [{ clientId: row.clientId, home: row.home, type: row.entityType, entityId: row.entityId }],
  );
  const records = await currentRecords(deps, viewer, named);
  const keys = new Map(named.map((name) => [name.clientId, globalKey(name.home, name.type, name.entityId)]));
  let bytes = 0;
  for (const result of results) {
    const key = keys.get(result.client_id);
    if (key === undefined) continue;
    const record = records.get(key) ?? null;
    bytes += jsonBytes(record);
    if (bytes > MOST_BYTES) return;
    result.record = record;
  }
}

/** Live records as the viewer sees them, read strongly at home, by `globalKey`. `scope`: where the viewer sees it. */
export async function currentRecords(
  deps: Deps,
  viewer: Actor,
  named: readonly { home: Scope; type: string; entityId: string }[],
): Promise<Map<string, WireRecord>> {
  if (named.length === 0) return new Map();
  const keys = named.map(({ home, type, entityId }) => ({ scope: home, key: recordKey(home, home, type, entityId) }));
  const rows = await deps.entities.get(keys);
  const records = new Map<string, WireRecord>();
  for (const row of rows.values()) {
    const scope = seenIn(viewer, row);
    if (scope === undefined || row.state !== 'live') continue;
    records.set(globalKey(row.home, row.type, row.entityId), toRecord({ ...row, scope }));
  }
  return records;
}
