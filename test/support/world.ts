import { compareLines } from '../../src/adapters/diff3/compare-lines.ts';
import { createMemoryIds } from '../../src/adapters/memory/ids.ts';
import { createMemoryPorts, type MemoryPorts } from '../../src/adapters/memory/ports.ts';
import { createMemoryReport, type MemoryReport } from '../../src/adapters/memory/report.ts';
import type { MemoryQueueConfig, Received } from '../../src/adapters/memory/queue.ts';
import { TestClock } from '../../src/adapters/memory/test-clock.ts';
import { Phone, type PhoneOptions, type SyncServer, type UploadBody } from '../../local/demo/phone.ts';
import { civic } from '../../src/domain/civic.ts';
import { actorOf, type Domain } from '../../src/engine/domain.ts';
import type { Actor, Claims } from '../../src/engine/model.ts';
import type { ActionResult } from '../../src/protocol/upload.ts';
import { bury } from '../../src/service/dead-letter.ts';
import type { Deps } from '../../src/service/deps.ts';
import { download } from '../../src/service/download.ts';
import { lookupActions } from '../../src/service/lookup.ts';
import { sweep } from '../../src/service/sweeper.ts';
import { upload } from '../../src/service/upload.ts';
import { work } from '../../src/service/worker.ts';

/** A faulty or instrumented form of what the services are given; what it does not name stays. */
export type Wrap = (deps: Deps) => Partial<Deps>;

/** The whole backend in one process, with a queue that moves only when a test says so. */
export type World = {
  clock: TestClock;
  ports: MemoryPorts;
  report: MemoryReport;
  deps: Deps;
  /** Delivers what can be received now, once. Returns how many messages that were. */
  deliver(options?: { max?: number; deps?: Deps; forget?: boolean }): Promise<number>;
  /** Delivers until the queue is empty, moving time on to the next visible message, at most so many rounds. */
  settle(options?: { rounds?: number; deps?: Deps }): Promise<void>;
  /** As the function at the dead letters does. */
  bury(): Promise<void>;
  /** As the sweeper does every minute. */
  sweep(): Promise<void>;
  /** Settles and sweeps, a quarter of an hour at a time, until no batch goes on by itself any more. */
  heal(): Promise<void>;
  server(claims: Claims, waitMs?: number): SyncServer;
  phone(claims: Claims, options: PhoneOptions): Phone;
  /** The results of these actions, now. */
  results(claims: Claims, deviceId: string, clientIds: string[]): Promise<ActionResult[]>;
};

export type WorldOptions = {
  /** Time jumps on whenever everyone sleeps. */
  auto?: boolean;
  seed?: number;
  domain?: Domain;
  queue?: Omit<MemoryQueueConfig, 'deadLetters'>;
  wrap?: Wrap;
};

export function createWorld(options: WorldOptions = {}): World {
  const clock = new TestClock({ auto: options.auto ?? false });
  const report = createMemoryReport();
  const ports = createMemoryPorts({
    clock,
    ids: createMemoryIds(options.seed),
    report,
    ...(options.queue ? { queue: options.queue } : {}),
  });
  const conflictIdOf = (user: string, clientId: string) => ports.ids.hash(`conflict ${user} ${clientId}`);
  const plain: Deps = { ...ports, epoch: 0, engine: { domain: options.domain ?? civic, compareLines, conflictIdOf } };
  const deps = { ...plain, ...options.wrap?.(plain) };
  const actor = (claims: Claims): Actor => actorOf(deps.engine.domain, claims);

  async function deliver({ max = 10, deps: by = deps, forget = false } = {}): Promise<number> {
    const received = await ports.queue.receive(max);
    const failed = received.length > 0 ? await workOn(by, received) : new Set<string>();
    for (const { receipt } of received) if (!forget && !failed.has(receipt)) await ports.queue.delete(receipt);
    return received.length;
  }

  async function settle({ rounds = 500, deps: by = deps } = {}): Promise<void> {
    for (let i = 0; i < rounds; i++) {
      const waiting = ports.queue.messages();
      if (waiting.length === 0) return;
      if ((await deliver({ deps: by })) > 0) continue;
      const later = waiting.flatMap(({ visibleAt }) => (visibleAt > clock.now() ? [visibleAt] : []));
      // None: what could be received went to the dead letters.
      if (later.length > 0) await clock.advance(Math.min(...later) - clock.now());
    }
    throw new Error(`the queue is not empty after ${rounds} rounds`);
  }

  async function buryLetters(): Promise<void> {
    const letters = await ports.deadLetters.receive();
    const { failed } = await bury(deps, letters.map(({ receipt, message }) => ({ id: receipt, body: message })));
    for (const { receipt } of letters) if (!failed.includes(receipt)) await ports.deadLetters.delete(receipt);
  }

  async function heal(): Promise<void> {
    let before = '';
    for (let i = 0; i < 100; i++) {
      await settle();
      await buryLetters();
      const pending = ports.inbox.rows();
      const now = JSON.stringify([pending.headers.map((h) => [h.owner, h.batchId, h.state, h.attempts]), pending.notes.length]);
      if (now === before) return;
      before = now;
      await clock.advance(15 * 60_000);
      await sweep(deps);
    }
    throw new Error('the inbox never comes to rest');
  }

  function server(claims: Claims, waitMs = 0): SyncServer {
    return {
      async upload(envelope: UploadBody) {
        // As over the wire: nobody shares objects with the server.
        const request = { envelope: structuredClone(envelope), guardFaults: [], waitMs, representation: false };
        return (await upload(deps, actor(claims), request)).body;
      },
      download: (query) => download(deps, actor(claims), query),
    };
  }

  return {
    clock,
    ports,
    report,
    deps,
    deliver,
    settle,
    heal,
    bury: buryLetters,
    async sweep() {
      await sweep(deps);
    },
    server,
    phone: (claims, phoneOptions) =>
      new Phone(server(claims), { now: () => clock.now(), uuid: () => ports.ids.uuid(), ...phoneOptions }),
    async results(claims, deviceId, clientIds) {
      return (await lookupActions(deps, actor(claims), deviceId, clientIds)).results;
    },
  };
}

/** Hands messages to the worker as its event source would; returns the receipts that failed. */
export async function workOn(deps: Deps, received: readonly Received[], remainingMs = () => 30_000): Promise<Set<string>> {
  const messages = received.map((r) => ({ id: r.receipt, receipt: r.receipt, receiveCount: r.receives, body: r.message }));
  const { failed } = await work(deps, messages, remainingMs);
  return new Set(failed);
}

export const citizen = (sub: string): Claims => ({ sub, role: 'citizen', departments: [] });
export const officer = (sub: string, ...departments: string[]): Claims => ({ sub, role: 'officer', departments });
export const admin = (sub: string): Claims => ({ sub, role: 'admin', departments: [] });
