import { createMemoryConnections } from '../../../src/adapters/memory/connections.ts';
import { createMemoryIds } from '../../../src/adapters/memory/ids.ts';
import { createMemoryReport, type MemoryReport } from '../../../src/adapters/memory/report.ts';
import { createMemorySockets, type MemorySockets } from '../../../src/adapters/memory/sockets.ts';
import { TestClock } from '../../../src/adapters/memory/test-clock.ts';
import { civic } from '../../../src/domain/civic.ts';
import type { Claims } from '../../../src/engine/model.ts';
import { connect } from '../../../src/service/live/connect.ts';
import type { LiveDeps } from '../../../src/service/live/deps.ts';
import { claims } from '../builders.ts';

export type LiveWorld = LiveDeps & {
  clock: TestClock;
  sockets: MemorySockets;
  report: MemoryReport;
  /** Connects; the token is good for so long, ms. */
  join(id: string, who?: Partial<Claims>, forMs?: number): Promise<void>;
  /** Scopes of each poke that a connection had. */
  pokes(id: string): string[][];
};

export const HOUR = 3600_000;

/** What `/live` runs on, in memory. */
export function createLiveWorld(): LiveWorld {
  const clock = new TestClock();
  const sockets = createMemorySockets();
  const world = { clock, sockets, connections: createMemoryConnections(), report: createMemoryReport(), ids: createMemoryIds(), domain: civic };
  return {
    ...world,
    join: (id, who = {}, forMs = HOUR) => connect(world, id, { claims: claims(who), expiresAt: clock.now() + forMs }),
    pokes: (id) => ((sockets.sent.get(id) ?? []) as { type: string; scopes: string[] }[]).map(({ scopes }) => scopes),
  };
}

export const PLENTY = (): number => 20_000;
