import type { EntityType } from '../engine/domain.ts';
import type { Actor, EntityRow, Scope } from '../engine/model.ts';
import { utf8Bytes } from '../engine/value.ts';
import { toDeleted, toRecord } from '../engine/wire.ts';
import type { RecordResponse } from '../protocol/record.ts';
import type { Deps } from './deps.ts';
import { SyncError } from './errors.ts';

/** Keys encode ids; beyond this no record can have been stored. */
const MOST_ID_BYTES = 900;

/**
 * One record by its id or its all-digits `server_id`, from the caller's granted scopes, read strongly
 * (`GET /sync/records/…`). Where several match, the one with the lowest server id is meant (design 5). Throws
 * `SyncError` `not_found` for what is unknown, has left, or is foreign: all word for word the same (P10).
 */
export async function getRecord(deps: Deps, caller: Actor, entityType: string, entityId: string): Promise<RecordResponse> {
  const { types } = deps.engine.domain;
  const type = Object.hasOwn(types, entityType) ? types[entityType] : undefined;
  const [row] = type ? await visibleRows(deps, caller, type, entityId) : [];
  if (!row) throw notFound();
  if (row.state === 'deleted') return { success: true, record: null, deleted: toDeleted(row) };
  return { success: true, record: toRecord(row) };
}

/** The rows behind an id or server id in the caller's scopes, read strongly: the one that is meant first. */
export async function visibleRows(deps: Deps, caller: Actor, type: EntityType, entityId: string): Promise<EntityRow[]> {
  if (!canExist(entityId)) return [];
  const read = isServerId(type, caller, entityId)
    ? (scope: Scope) => byServerId(deps, scope, type.type, Number(entityId))
    : (scope: Scope) => deps.entities.find(scope, type.type, entityId);
  // A copy may lag behind its home: of one record's rows the newest counts. Sorting keeps the order of scopes.
  return (await Promise.all(caller.scopes.map(read)))
    .flat()
    .filter(({ state }) => state !== 'left')
    .sort((a, b) => a.serverId - b.serverId || b.version - a.version);
}

function canExist(entityId: string): boolean {
  return entityId !== '' && entityId.isWellFormed() && utf8Bytes(encodeURIComponent(entityId)) <= MOST_ID_BYTES;
}

/** All digits mean a server id, but for the one record whose id the token gives (the profile of a user `42`). */
function isServerId(type: EntityType, caller: Actor, entityId: string): boolean {
  return /^\d+$/.test(entityId) && type.singletonId?.(caller) !== entityId;
}

async function byServerId(deps: Deps, scope: Scope, type: string, serverId: number): Promise<EntityRow[]> {
  if (!Number.isSafeInteger(serverId)) return [];
  const key = await deps.entities.alias(scope, serverId);
  if (key === undefined) return [];
  const rows = await deps.entities.get([{ scope, key }]);
  return [...rows.values()].filter((row) => row.type === type);
}

function notFound(): SyncError {
  return new SyncError('not_found', 'There is no such record, or you may not see it.');
}
