import type { Deps } from '../../src/service/deps.ts';
import { createWorld, type World } from './world.ts';

/** A call that a use case made of a port. */
export type PortCall = { port: string; method: string; args: readonly unknown[]; writes: boolean };

/** A world whose worker does at once whatever is queued, and that keeps what the use cases asked of their ports. */
export type LivingWorld = World & {
  /** For the use cases. */
  live: Deps;
  /** Their calls so far; the worker's are not among them. */
  calls: PortCall[];
};

/** Methods that change nothing, by port; all others count as writes. */
const READS: Readonly<Record<string, ReadonlySet<string>>> = {
  log: new Set(['head', 'read']),
  entities: new Set(['get', 'alias', 'find', 'page']),
  actions: new Set(['get', 'list']),
  conflicts: new Set(['get', 'owner', 'pointer', 'countOpen', 'list', 'listOpen']),
  inbox: new Set(['headers', 'header', 'payloads', 'due', 'list']),
  devices: new Set(['get', 'list', 'listAll', 'remembered']),
  attachments: new Set(['get', 'due']),
  queue: new Set(),
};

/** Begins empty; time jumps on whenever everyone sleeps. */
export function createLivingWorld(): LivingWorld {
  const world = createWorld({ auto: true });
  const calls: PortCall[] = [];
  const ports = Object.keys(READS).map((port) => [port, journaled(world.deps[port as keyof Deps] as object, port, calls)]);
  const live = { ...world.deps, ...(Object.fromEntries(ports) as Partial<Deps>) };
  const { queue } = live;
  live.queue = {
    ...queue,
    async send(messages) {
      await queue.send(messages);
      await world.settle();
    },
  };
  return { ...world, live, calls };
}

function journaled<Port extends object>(port: Port, name: string, calls: PortCall[]): Port {
  const methods = Object.entries(port).map(([method, run]) => [
    method,
    typeof run !== 'function' ? run : (...given: unknown[]): unknown => {
      calls.push({ port: name, method, args: given, writes: !READS[name]?.has(method) });
      return (run as (...args: unknown[]) => unknown).apply(port, given);
    },
  ]);
  return Object.fromEntries(methods) as Port;
}
