import type { Actor } from '../engine/model.ts';
import { iso } from '../engine/wire.ts';
import { TIMES } from '../protocol/limits.ts';
import type { StatusResponse, SyncHealth } from '../protocol/status.ts';
import type { Deps } from './deps.ts';
import { withoutOutcome } from './open-actions.ts';
import type { BatchHeader } from './ports/inbox.ts';

/**
 * Where one device of the caller stands (`GET /sync/status`). Pending are actions accepted without an outcome, also
 * those that wait behind a dead batch; failed are those of dead batches. A device never seen has zeros and nulls.
 */
export async function status(deps: Deps, caller: Actor, deviceId: string): Promise<StatusResponse> {
  const owner = { user: caller.sub, device: deviceId };
  const [state, headers, conflicts] = await Promise.all([
    deps.devices.get(owner.user, owner.device),
    deps.inbox.headers(owner),
    deps.conflicts.countOpen(owner.user, owner.device),
  ]);
  const open = await withoutOutcome(deps, headers);
  const { lastUpload = 0, lastDownload = 0, syncVersion = 0 } = state ?? {};
  return {
    device_id: deviceId,
    last_sync: isoOrNull(Math.max(lastUpload, lastDownload)),
    last_upload: isoOrNull(lastUpload),
    last_download: isoOrNull(lastDownload),
    pending_uploads: countActions(open, 'pending'),
    failed_uploads: countActions(open, 'dead'),
    conflicts,
    sync_version: syncVersion,
    sync_health: healthOf(headers, conflicts, deps.clock.now()),
  };
}

/** Worst first (protocol.md). */
export function healthOf(headers: readonly BatchHeader[], conflicts: number, now: number): SyncHealth {
  if (headers.some(({ state }) => state === 'dead')) return 'failing';
  if (headers.some(({ acceptedAt }) => now - acceptedAt > TIMES.stalledMs)) return 'stalled';
  return conflicts > 0 ? 'conflicts' : 'good';
}

/** Actions in batches of that state. */
export function countActions(headers: readonly BatchHeader[], state: BatchHeader['state']): number {
  return headers.reduce((sum, header) => sum + (header.state === state ? header.actions.length : 0), 0);
}

/** A time as it travels; 0 means never. */
export function isoOrNull(ms: number): string | null {
  return ms === 0 ? null : iso(ms);
}
