import type { ActionLog } from './ports/action-log.ts';
import type { AttachmentStore } from './ports/attachment-store.ts';
import type { Clock } from './ports/clock.ts';
import type { ConflictStore } from './ports/conflict-store.ts';
import type { DeviceStore } from './ports/device-store.ts';
import type { EntityStore } from './ports/entity-store.ts';
import type { Ids } from './ports/ids.ts';
import type { Inbox } from './ports/inbox.ts';
import type { Queue } from './ports/queue.ts';
import type { Report } from './ports/report.ts';
import type { ScopeLog } from './ports/scope-log.ts';
import type { UsageStore } from './ports/usage-store.ts';

/*
 * What the use cases need from the world: one file per port in `ports/`. Every method may throw `Trouble`; then its
 * effect may have happened or not. "Strong": sees every write that was answered before the call. Anything else may be
 * stale.
 */

/** Everything a use case may use. */
export type Ports = {
  log: ScopeLog;
  entities: EntityStore;
  actions: ActionLog;
  conflicts: ConflictStore;
  inbox: Inbox;
  devices: DeviceStore;
  attachments: AttachmentStore;
  usage: UsageStore;
  queue: Queue;
  clock: Clock;
  ids: Ids;
  report: Report;
};
