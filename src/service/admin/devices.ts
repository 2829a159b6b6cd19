import type { ConflictRow } from '../../engine/model.ts';
import { iso } from '../../engine/wire.ts';
import type { Json } from '../../protocol/json.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { batchRef } from '../batch-ref.ts';
import type { Deps } from '../deps.ts';
import { withoutOutcome } from '../open-actions.ts';
import type { DeviceState } from '../ports/device-store.ts';
import type { BatchHeader } from '../ports/inbox.ts';
import { countActions, healthOf, isoOrNull } from '../status.ts';
import { walk, type Source } from '../walk.ts';
import { needed, passes, within, type AdminQuery, type Ask, type Params } from './ask.ts';

/**
 * Every device with what it did last; `since` and `until` filter by the last sync, `status` by the health, and with
 * `details` there is more of it. A page that is filtered by health may be short.
 */
export const syncActivity: AdminQuery = async (deps, ask) => {
  const { details = false, status } = ask.params;
  const { items, ...more } = await devices(deps, ask, sourceOf(deps, ask.params));
  const rows = await Promise.all(items.map(async (state) => ({ health: await detailsOf(deps, state, details || status !== undefined), state })));
  return {
    rows: rows
      .filter(({ health }) => status === undefined || health.sync_health === status)
      .map(({ health: { pending, ...detail }, state }) => ({
        user: state.user,
        device_id: state.device,
        ...syncsOf(state),
        pending,
        platform: state.info.platform ?? null,
        app_version: state.info.app_version ?? null,
        ...(details ? detail : {}),
      })),
    ...more,
  };
};

/** How a device is; `all`: its conflicts too, which take a read of their own. */
async function detailsOf(deps: Deps, state: DeviceState, all: boolean) {
  const [headers, conflicts] = await Promise.all([
    deps.inbox.headers(state),
    all ? deps.conflicts.countOpen(state.user, state.device) : 0,
  ]);
  const open = await withoutOutcome(deps, headers);
  return {
    pending: countActions(open, 'pending'),
    os_version: state.info.os_version ?? null,
    model: state.info.model ?? null,
    failed: countActions(open, 'dead'),
    unresolved_conflicts: conflicts,
    sync_health: healthOf(headers, conflicts, deps.clock.now()),
  };
}

/** All about the devices of one user, or one of them: state, what waits, what is dead, open conflicts. */
export const device: AdminQuery = async (deps, ask) => {
  const user = needed(ask.params, 'user', 'user');
  const { items, ...more } = await devices(deps, ask, sourceOf(deps, ask.params));
  const open = items.length > 0 ? await openConflicts(deps, user) : [];
  const rows = items.map(async (state) => {
    const all = await deps.inbox.headers(state);
    const headers = await withoutOutcome(deps, all);
    const conflicts = open.filter((conflict) => conflict.device === state.device);
    return {
      user,
      device_id: state.device,
      ...syncsOf(state),
      platform: state.info.platform ?? null,
      os_version: state.info.os_version ?? null,
      model: state.info.model ?? null,
      app_version: state.info.app_version ?? null,
      pending: countActions(headers, 'pending'),
      failed: countActions(headers, 'dead'),
      unresolved_conflicts: conflicts.length,
      sync_health: healthOf(all, conflicts.length, deps.clock.now()),
      pending_batches: batchesOf(headers, 'pending'),
      dead_batches: batchesOf(headers, 'dead'),
      conflict_ids: conflicts.slice(0, LIMITS.listMax).map(({ id }) => id),
    };
  });
  return { rows: await Promise.all(rows), ...more };
};

function devices(deps: Deps, { params, from, limit }: Ask, source: Source<DeviceState>) {
  const listing = {
    source,
    items: (state: DeviceState) => [state],
    keyOf: (state: DeviceState) => JSON.stringify([state.user, state.device]),
    keep: (state: DeviceState) => passes(params.device, state.device) && within(params, lastSync(state)),
  };
  return walk(deps, listing, from, limit);
}

function sourceOf(deps: Deps, { user, device: id }: Params): Source<DeviceState> {
  if (user === undefined) return (after, limit) => deps.devices.listAll(after, limit);
  if (id === undefined) return (after, limit) => deps.devices.list(user, after, limit);
  return async () => {
    const state = await deps.devices.get(user, id);
    return { rows: state ? [state] : [] };
  };
}

function lastSync(state: DeviceState): number {
  return Math.max(state.lastUpload, state.lastDownload);
}

function syncsOf(state: DeviceState) {
  return {
    sync_count: state.syncVersion,
    last_sync: isoOrNull(lastSync(state)),
    last_upload: isoOrNull(state.lastUpload),
    last_download: isoOrNull(state.lastDownload),
  };
}

function batchesOf(headers: readonly BatchHeader[], state: BatchHeader['state']): Json[] {
  const rows = headers.filter((header) => header.state === state).slice(0, LIMITS.listMax);
  return rows.map((header) => ({
    batch_id: batchRef(header.owner, header.batchId),
    scope: header.scope,
    actions: header.actions.length,
    accepted_at: iso(header.acceptedAt),
    attempts: header.attempts,
    last_error: header.lastError ?? null,
    next_send_at: state === 'pending' ? iso(header.dueAt) : null,
  }));
}

async function openConflicts(deps: Deps, user: string): Promise<ConflictRow[]> {
  const open: ConflictRow[] = [];
  let after: string | undefined = '';
  while (after !== undefined) {
    const { rows, next }: { rows: ConflictRow[]; next?: string } = await deps.conflicts.list(user, after, LIMITS.listMax);
    open.push(...rows.filter(({ status }) => status === 'unresolved'));
    after = next;
  }
  return open;
}
