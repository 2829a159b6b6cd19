import { unit } from './random.ts';
import type { Task } from './task.ts';

/**
 * What can go wrong at a step. `kill`: the task never goes on. `trouble`: the call fails; after: its effect was done.
 * `pause`: the whole task stands still for up to minutes, then goes on as if nothing had been (a zombie).
 */
export type Fault = 'kill before' | 'kill after' | 'trouble before' | 'trouble after' | 'pause';

/** Probabilities: of faults per step, of the rest per message, request or read. */
export type FaultRates = {
  kill: number;
  trouble: number;
  pause: number;
  /** A request or an answer is lost on the network, or the phone gives up early. */
  network: number;
  /** A message is delivered a second time while its first receiver still works. */
  twice: number;
  /** A read that need not be strong is stale; a strong one sees some, not all, of the writes that go on meanwhile. */
  stale: number;
  /** Operators move dead letters back to the work queue, behind what came later. */
  moveBack: number;
};

export const NO_FAULTS: FaultRates = { kill: 0, trouble: 0, pause: 0, network: 0, twice: 0, stale: 0, moveBack: 0 };

/** A stretch of virtual time in which all calls to some ports fail. */
export type Outage = { from: number; to: number; ports: readonly string[] };

const LONGEST_PAUSE_MS = 300_000;

/** Decides what goes wrong where; remembers it, so that a failing run can be tried again without it. */
export class Faults {
  rates: FaultRates = NO_FAULTS;
  outages: readonly Outage[] = [];
  /** Faults that happened, by the name of their step. */
  readonly happened = new Map<string, Fault>();
  readonly #seed: number;
  readonly #planned: ReadonlyMap<string, Fault>;
  readonly #spared: ReadonlySet<string>;

  constructor(seed: number, more: { planned?: ReadonlyMap<string, Fault>; spared?: ReadonlySet<string> } = {}) {
    this.#seed = seed;
    this.#planned = more.planned ?? new Map();
    this.#spared = more.spared ?? new Set();
  }

  /** The fault of a task's step, if any. `port`: `log.put` and so on. */
  at(task: Task, step: number, port: string, now: number): Fault | undefined {
    const name = `${task.name} @${step}`;
    const fault = this.#planned.get(name) ?? this.#outage(port, now) ?? this.#drawn(task, step);
    if (!fault || this.#spared.has(name)) return undefined;
    this.happened.set(name, fault);
    return fault;
  }

  /** Does this happen here? Drawn by name, like everything. */
  chance(rate: keyof FaultRates, name: number, step = 0): boolean {
    const probability = this.rates[rate];
    return probability > 0 && unit(this.#seed, name, step, 101) < probability;
  }

  /** 0 ≤ x < 1 for a name. */
  unit(name: number, step = 0, purpose = 0): number {
    return unit(this.#seed, name, step, purpose);
  }

  /** How long a pause lasts, ms: often longer than a message stays invisible. */
  pauseMs(task: Task, step: number): number {
    return 1000 + this.unit(task.key, step, 102) ** 2 * LONGEST_PAUSE_MS;
  }

  #outage(port: string, now: number): Fault | undefined {
    const down = this.outages.some(({ from, to, ports }) => from <= now && now < to && ports.some((p) => port.startsWith(p)));
    return down ? 'trouble before' : undefined;
  }

  #drawn(task: Task, step: number): Fault | undefined {
    const { kill, trouble, pause } = this.rates;
    let x = this.unit(task.key, step, 103);
    if (x >= kill + trouble + pause) return undefined;
    if (x < kill) return x < kill / 2 ? 'kill before' : 'kill after';
    x -= kill;
    if (x < trouble) return x < trouble / 2 ? 'trouble before' : 'trouble after';
    return 'pause';
  }
}
