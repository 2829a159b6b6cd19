import { recordKey } from '../engine/keys.ts';
import type { Actor, ConflictRow } from '../engine/model.ts';
import { toConflict } from '../engine/wire.ts';
import type { ConflictsQuery, ConflictsResponse, WireConflict } from '../protocol/conflict.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { Deps } from './deps.ts';
import { seenIn } from './seen.ts';
import { decodePlace, encodePlace, fitting, walk } from './walk.ts';

/**
 * The caller's own conflicts in order of their ids, open ones unless asked (`GET /sync/conflicts`). Throws `SyncError`
 * `malformed_request` for a cursor that is not ours.
 */
export async function listConflicts(deps: Deps, caller: Actor, query: ConflictsQuery): Promise<ConflictsResponse> {
  const list = 'conflicts';
  const status = query.status ?? 'unresolved';
  const walked = await walk(
    deps,
    {
      source: (after, limit) => deps.conflicts.list(caller.sub, after, limit),
      items: (row: ConflictRow) => [row],
      keyOf: (row) => row.id,
      keep: (row) =>
        (status === 'all' || row.status === status) && (query.device_id === undefined || row.device === query.device_id),
    },
    decodePlace(list, query.cursor),
    query.limit ?? LIMITS.listDefault,
  );
  const { items, next } = fitting(walked, await toWireConflicts(deps, walked.items, caller));
  return {
    success: true,
    conflicts: items,
    next_cursor: next ? encodePlace(list, next) : null,
  };
}

/**
 * Conflicts as they travel, in their order. `record`: the whole record as it now is, read strongly at its home; null
 * when it is gone or the viewer no longer sees it (P10).
 */
export async function toWireConflicts(deps: Deps, rows: readonly ConflictRow[], viewer: Actor): Promise<WireConflict[]> {
  if (rows.length === 0) return [];
  const placeOf = ({ home, type, entityId }: ConflictRow) => ({ scope: home, key: recordKey(home, home, type, entityId) });
  const places = new Map(rows.map(placeOf).map((place) => [`${place.scope}\n${place.key}`, place]));
  const records = await deps.entities.get([...places.values()]);
  return rows.map((row) => {
    const { scope: home, key } = placeOf(row);
    const record = records.get(`${home}\n${key}`);
    const scope = record && seenIn(viewer, record);
    return toConflict(row, record && scope !== undefined ? { ...record, scope } : undefined);
  });
}
