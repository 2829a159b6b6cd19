import { NO_FAULTS } from '../core/faults.ts';
import { play, type RunOptions, type RunResult } from '../run.ts';
import type { Act, DeviceSpec, Scenario } from '../scenario/scenario.ts';

/** A failing run, as small as it could be made. */
export type Shrunk = { scenario: Scenario; options: RunOptions; result: RunResult; tries: number };

const PLAIN: Partial<DeviceSpec> = { skewMs: 0, wrongTimes: undefined, pageLimit: 200, waitMs: 0, hasty: false, remembersGone: false };

/**
 * Leaves out whatever the failure does not need: acts, devices, operations, kinds of faults, single faults, oddities.
 * Decisions are drawn by name, so what stays goes as before. A smaller run counts if the same check finds the same
 * property broken. At most `mostTries` runs.
 */
export async function shrink(scenario: Scenario, options: RunOptions, mostTries = 800): Promise<Shrunk> {
  const result = await play(scenario, options);
  const shrinker = new Shrinker({ scenario, options, result, tries: 1 }, mostTries);
  let size = Number.POSITIVE_INFINITY;
  while (shrinker.size < size && shrinker.goesOn) {
    size = shrinker.size;
    await shrinker.round();
  }
  const { best } = shrinker;
  return { ...best, result: await play(best.scenario, { ...best.options, tracing: true }) };
}

class Shrinker {
  best: Shrunk;
  readonly #most: number;

  constructor(first: Shrunk, most: number) {
    this.best = first;
    this.#most = most;
  }

  get goesOn(): boolean {
    return this.best.tries < this.#most;
  }

  get size(): number {
    const { scenario, result } = this.best;
    const kinds = scenario.acts.reduce((sum, act) => sum + Object.values(act.rates).filter((rate) => rate > 0).length + act.outages.length, 0);
    return scenario.acts.reduce((sum, act) => sum + act.ops.length, 0) * 10 + scenario.devices.length * 10 + kinds + result.happened.size;
  }

  async round(): Promise<void> {
    const { acts } = this.best.scenario;
    for (let i = 0; i < acts.length - 1; i++) await this.#try({ acts: acts.slice(0, i + 1).map((act, k) => (k === i ? { ...act, then: 'end' as const } : act)) });
    for (const { id } of this.best.scenario.devices) {
      await this.#try({
        devices: this.best.scenario.devices.filter((device) => device.id !== id),
        acts: this.best.scenario.acts.map((act) => ({ ...act, ops: act.ops.filter((op) => !('device' in op) || op.device !== id) })),
      });
    }
    for (let act = 0; act < this.best.scenario.acts.length; act++) await this.#actOps(act);
    for (let act = 0; act < this.best.scenario.acts.length; act++) await this.#actFaults(act);
    for (const { id } of this.best.scenario.devices) await this.#plain(id);
    await this.#try({ skewMs: 0 });
    await this.#spare();
  }

  /** Leaves out halves, then quarters, … then single operations. */
  async #actOps(act: number): Promise<void> {
    const ops = () => this.best.scenario.acts[act]?.ops ?? [];
    for (let chunk = Math.ceil(ops().length / 2); chunk >= 1; chunk = chunk === 1 ? 0 : Math.ceil(chunk / 2)) {
      for (let from = 0; from < ops().length && this.goesOn; ) {
        const left = ops().filter((_, i) => i < from || i >= from + chunk);
        if (!(await this.#tryAct(act, { ops: left }))) from += chunk;
      }
    }
  }

  async #actFaults(act: number): Promise<void> {
    await this.#tryAct(act, { rates: NO_FAULTS });
    const { rates } = this.best.scenario.acts[act] ?? {};
    for (const name of Object.keys(rates ?? {})) if (rates) await this.#tryAct(act, { rates: { ...this.best.scenario.acts[act]?.rates ?? rates, [name]: 0 } });
    await this.#tryAct(act, { outages: [], lastsMs: 0 });
    await this.#tryAct(act, { poison: undefined });
    await this.#tryAct(act, { decides: false });
    await this.#tryAct(act, { away: [] });
  }

  async #plain(id: string): Promise<void> {
    for (const [name, value] of Object.entries(PLAIN)) {
      await this.#try({ devices: this.best.scenario.devices.map((device) => (device.id === id ? { ...device, [name]: value } : device)) });
    }
  }

  /** Lets single faults not happen. */
  async #spare(): Promise<void> {
    for (const step of [...this.best.result.happened.keys()]) {
      const spared = new Set([...(this.best.options.spared ?? []), step]);
      await this.#attempt(this.best.scenario, { ...this.best.options, spared });
    }
  }

  #tryAct(index: number, change: Partial<Act>): Promise<boolean> {
    return this.#try({ acts: this.best.scenario.acts.map((act, i) => (i === index ? { ...act, ...change } : act)) });
  }

  #try(change: Partial<Scenario>): Promise<boolean> {
    return this.#attempt({ ...this.best.scenario, ...change }, this.best.options);
  }

  async #attempt(scenario: Scenario, options: RunOptions): Promise<boolean> {
    const { failure } = this.best.result;
    const same = JSON.stringify([scenario, [...(options.spared ?? [])]]) === JSON.stringify([this.best.scenario, [...(this.best.options.spared ?? [])]]);
    if (!this.goesOn || same) return false;
    this.best.tries++;
    const result = await play(scenario, options);
    if (!failure || result.failure?.property !== failure.property || result.failure.check !== failure.check) return false;
    this.best = { scenario, options, result, tries: this.best.tries };
    return true;
  }
}
