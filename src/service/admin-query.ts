import type { Claims } from '../engine/model.ts';
import type { AdminQueryName, AdminQueryRequest, AdminQueryResponse } from '../protocol/admin.ts';
import { LIMITS } from '../protocol/limits.ts';
import { paramsOf, type AdminQuery } from './admin/ask.ts';
import { action, batch } from './admin/action-detail.ts';
import { failedActions, pendingActions } from './admin/batches.ts';
import { device, syncActivity } from './admin/devices.ts';
import { unresolvedConflicts } from './admin/open-conflicts.ts';
import { overview } from './admin/overview.ts';
import { recordHistory } from './admin/record-history.ts';
import { usage } from './admin/usage.ts';
import { userActions } from './admin/user-actions.ts';
import type { Deps } from './deps.ts';
import { SyncError } from './errors.ts';
import { decodePlace, encodePlace } from './walk.ts';

const QUERIES: Record<AdminQueryName, AdminQuery> = {
  overview,
  pending_actions: pendingActions,
  unresolved_conflicts: unresolvedConflicts,
  sync_activity: syncActivity,
  failed_actions: failedActions,
  device,
  user_actions: userActions,
  record_history: recordHistory,
  usage,
  action,
  batch,
};

/**
 * Answers one page of a query for admins (`POST /admin/query`); columns as protocol.md lists them. Lists of everybody's rows
 * come from indexes, which lag. Throws `SyncError` `forbidden` unless the caller is an admin, `malformed_request` for a
 * cursor of another query, `validation_failed` when a parameter is missing that the query needs.
 */
export async function adminQuery(deps: Deps, caller: Claims, request: AdminQueryRequest): Promise<AdminQueryResponse> {
  if (caller.role !== 'admin') throw new SyncError('forbidden', 'Only admins may ask this.');
  const { query } = request;
  const { rows, next, summary } = await QUERIES[query](deps, {
    params: paramsOf(request.params),
    from: decodePlace(query, request.cursor),
    limit: request.limit ?? LIMITS.listDefault,
  });
  return { success: true, query, rows, next_cursor: next ? encodePlace(query, next) : null, ...(summary ? { summary } : {}) };
}
