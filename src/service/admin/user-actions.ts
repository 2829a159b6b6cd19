import type { DoneAction } from '../../engine/model.ts';
import { iso } from '../../engine/wire.ts';
import type { Deps } from '../deps.ts';
import { walk, type Source } from '../walk.ts';
import { needed, passes, within, type AdminQuery } from './ask.ts';

/** Final outcomes of one user's actions, in order of client_id; `since` and `until` filter by the time of the outcome. */
export const userActions: AdminQuery = async (deps, { params, from, limit }) => {
  const user = needed(params, 'user', 'user');
  const listing = {
    source: sourceOf(deps, user, params.clientId),
    items: (row: DoneAction) => [row],
    keyOf: (row: DoneAction) => row.clientId,
    keep: (row: DoneAction) =>
      passes(params.device, row.device) &&
      passes(params.type, row.entityType) &&
      (passes(params.entityId, row.entityId) || params.entityId === String(row.serverId)) &&
      passes(params.home, row.home) &&
      passes(params.status, row.status) &&
      within(params, row.at),
  };
  const { items, ...more } = await walk(deps, listing, from, limit);
  const rows = items.map((row) => ({
    client_id: row.clientId,
    user: row.user,
    device_id: row.device,
    action_type: row.actionType,
    entity_type: row.entityType,
    entity_id: row.entityId ?? null,
    server_id: row.serverId ?? null,
    home: row.home ?? null,
    version: row.version ?? null,
    status: row.status,
    code: row.code ?? null,
    conflict_id: row.conflictId ?? null,
    resolution: row.resolution ?? null,
    action_time: iso(row.time),
    accepted_at: iso(row.acceptedAt),
    done_at: iso(row.at),
    retries: row.retries,
  }));
  return { rows, ...more };
};

function sourceOf(deps: Deps, user: string, clientId: string | undefined): Source<DoneAction> {
  if (clientId === undefined) return (after, limit) => deps.actions.list(user, after, limit);
  return async () => ({ rows: [...(await deps.actions.get([{ user, clientId }])).values()] });
}
