import type { Ports } from '../../service/ports.ts';
import type { Clock } from '../../service/ports/clock.ts';
import type { Ids } from '../../service/ports/ids.ts';
import type { Report } from '../../service/ports/report.ts';
import { createMemoryActionLog, type MemoryActionLog } from './action-log.ts';
import { createMemoryAttachmentStore, type MemoryAttachmentStore } from './attachment-store.ts';
import { createMemoryConflictStore, type MemoryConflictStore } from './conflict-store.ts';
import { createMemoryDeviceStore } from './device-store.ts';
import { createMemoryEntityStore, type MemoryEntityStore } from './entity-store.ts';
import { createMemoryIds } from './ids.ts';
import { createMemoryInbox, type MemoryInbox } from './inbox.ts';
import { createMemoryQueue, type MemoryQueue, type MemoryQueueConfig } from './queue.ts';
import { createMemoryReport } from './report.ts';
import { createMemoryUsageStore } from './usage-store.ts';
import { createMemoryScopeLog, type MemoryScopeLog } from './scope-log.ts';

/** All ports, in memory, with what a test needs to look inside. */
export type MemoryPorts = Ports & {
  log: MemoryScopeLog;
  entities: MemoryEntityStore;
  actions: MemoryActionLog;
  conflicts: MemoryConflictStore;
  inbox: MemoryInbox;
  attachments: MemoryAttachmentStore;
  queue: MemoryQueue;
  /** The dead letters of `queue`. */
  deadLetters: MemoryQueue;
  /** Drops what TTL would have dropped by then, ms. */
  expire(now: number, isLate?: (name: string) => boolean): void;
};

/** A world of its own: nothing is shared between two calls. Reads are never stale; whoever wants that wraps a port. */
export function createMemoryPorts(config: {
  clock: Clock;
  ids?: Ids;
  report?: Report;
  queue?: Omit<MemoryQueueConfig, 'deadLetters'>;
}): MemoryPorts {
  const { clock } = config;
  const log = createMemoryScopeLog();
  const entities = createMemoryEntityStore(clock);
  const attachments = createMemoryAttachmentStore();
  const deadLetters = createMemoryQueue(clock);
  return {
    log,
    entities,
    actions: createMemoryActionLog(),
    conflicts: createMemoryConflictStore(),
    inbox: createMemoryInbox(),
    devices: createMemoryDeviceStore(),
    attachments,
    usage: createMemoryUsageStore(),
    queue: createMemoryQueue(clock, { ...config.queue, deadLetters }),
    deadLetters,
    clock,
    ids: config.ids ?? createMemoryIds(),
    report: config.report ?? createMemoryReport(),
    expire(now, isLate) {
      log.expire(now, isLate);
      entities.expire(now, isLate);
      attachments.expire(now, isLate);
    },
  };
}
