import { actionKey } from '../../engine/keys.ts';
import type { Actor, ConflictRow } from '../../engine/model.ts';
import { toWireConflicts } from '../conflicts.ts';
import type { Deps } from '../deps.ts';
import { fitting, walk, type Source } from '../walk.ts';
import { passes, within, type AdminQuery, type Params } from './ask.ts';

/** Conflicts of everybody that wait for a decision; `since` and `until` filter by detection. */
export const unresolvedConflicts: AdminQuery = async (deps, { params, from, limit }) => {
  const listing = {
    source: sourceOf(deps, params),
    items: (row: ConflictRow) => [row],
    keyOf: (row: ConflictRow) => actionKey(row.user, row.id),
    keep: (row: ConflictRow) =>
      row.status === 'unresolved' &&
      passes(params.device, row.device) &&
      passes(params.type, row.type) &&
      (passes(params.entityId, row.entityId) || params.entityId === String(row.serverId)) &&
      passes(params.home, row.home) &&
      within(params, row.detectedAt),
  };
  const walked = await walk(deps, listing, from, limit);
  const conflicts = await toWireConflicts(deps, walked.items, seesAll(walked.items));
  const { items: rows, ...more } = fitting(walked, conflicts.map((conflict, i) => ({ user: walked.items[i]?.user ?? null, ...conflict })));
  return { rows, ...more };
};

function sourceOf(deps: Deps, { user }: Params): Source<ConflictRow> {
  if (user !== undefined) return (after, limit) => deps.conflicts.list(user, after, limit);
  return async (after, limit) => {
    const { keys, ...more } = await deps.conflicts.listOpen(after, limit);
    // The index holds keys only, and lags: the rows are read strongly.
    const rows = await deps.conflicts.get(keys);
    return { rows: keys.flatMap(({ user: owner, id }) => rows.get(actionKey(owner, id)) ?? []), ...more };
  };
}

/** Who settles a conflict of others must see its record (design 4, Resolve: the owner, or an admin). */
function seesAll(rows: readonly ConflictRow[]): Actor {
  return { sub: '', role: 'admin', departments: [], scopes: [...new Set(rows.map(({ home }) => home))] };
}
