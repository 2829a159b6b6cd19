import { Trouble } from '../../src/service/errors.ts';
import type { Deps } from '../../src/service/deps.ts';

const PORTS = ['log', 'entities', 'actions', 'conflicts', 'inbox', 'devices', 'queue'] as const;
type PortName = (typeof PORTS)[number];

/** Every method that changes something outside. */
const WRITES = new Set([
  'put', 'advance', 'startEpoch', 'putAlias', 'takeServerIds', 'putPointer', 'change', 'remove', 'park', 'hold', 'unpark', 'repark',
  'countUpload', 'noteDownload', 'remember', 'send', 'delay',
]);

/** Decides about one call: runs it, or throws. */
export type Gate = (call: { port: PortName; method: string; args: unknown[]; run: () => unknown }) => unknown;

/** The same dependencies, with every call to a port through a gate. */
export function gated(deps: Deps, gate: Gate): Deps {
  const ports = PORTS.map((port) => [port, through(deps[port], port, gate)] as const);
  return { ...deps, ...Object.fromEntries(ports) };
}

function through<Port extends object>(target: Port, port: PortName, gate: Gate): Port {
  return new Proxy(target, {
    get(_, name) {
      const value: unknown = Reflect.get(target, name);
      // The one method that is no promise.
      if (typeof value !== 'function' || name === 'heads') return value;
      return (...args: unknown[]) =>
        gate({ port, method: String(name), args, run: () => Reflect.apply(value, target, args) as unknown });
    },
  });
}

/**
 * Someone who dies at the given write, counted from 0: just before it takes effect, or just after, when nobody hears
 * the answer any more. From then on nothing they try happens.
 */
export function mortal(deps: Deps, at: number, when: 'before' | 'after'): { deps: Deps; isDead: () => boolean; diedAt: () => string } {
  let writes = 0;
  let dead: string | undefined;
  const gate: Gate = async ({ port, method, run }) => {
    if (dead !== undefined) throw new Trouble('dead', undefined);
    if (!WRITES.has(method) || writes++ !== at) return run();
    dead = `${port}.${method}`;
    if (when === 'after') await run();
    throw new Trouble('dies', undefined);
  };
  return { deps: gated(deps, gate), isDead: () => dead !== undefined, diedAt: () => dead ?? 'alive' };
}

/** Someone who is overtaken: just before their call number `at`, counted from 0, all of `meanwhile` happens. */
export function overtaken(deps: Deps, at: number, meanwhile: () => Promise<unknown>): Deps {
  let calls = 0;
  return gated(deps, async ({ run }) => {
    if (calls++ === at) await meanwhile();
    return run();
  });
}
