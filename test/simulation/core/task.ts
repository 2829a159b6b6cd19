import { Trouble } from '../../../src/service/errors.ts';
import type { Faults } from './faults.ts';
import { hashText } from './random.ts';
import type { Scheduler } from './scheduler.ts';

/** What a task is made in. */
export type Stage = { scheduler: Scheduler; faults: Faults; trace: (task: string, line: () => string) => void; sometimes: (what: string) => void };

/** One invocation of a function: whatever it asks of a port passes through `step`. */
export class Task {
  readonly name: string;
  /** Names its decisions; the same in every run where the same thing is asked for. */
  readonly key: number;
  readonly startedAt: number;
  /** Killed, or its machine was cut off: nothing of it goes on. */
  dead = false;
  ended = false;
  /** A step at which it stands still, and for how long, ms. */
  stall: { step: number; ms: number } | undefined;
  /** Called once when it dies. */
  onDeath: () => void = () => {};
  readonly #stage: Stage;
  #steps = 0;
  #pausedUntil = 0;

  constructor(stage: Stage, name: string, key = name) {
    this.#stage = stage;
    this.name = name;
    this.key = hashText(key);
    this.startedAt = stage.scheduler.now;
  }

  get steps(): number {
    return this.#steps;
  }

  kill(why: string): void {
    if (this.dead) return;
    this.dead = true;
    this.#stage.trace(this.name, () => `killed (${why})`);
    this.onDeath();
  }

  /**
   * One call of a port: waits for its turn, which takes a latency drawn by name, then does the effect, or what fault
   * there is instead. Between two steps of a task nothing of it touches the world, so interleaving, killing and
   * pausing at steps is all that there is.
   */
  async step<T>(port: string, effect: () => Promise<T>, label: (result: T | undefined) => string): Promise<T> {
    const { scheduler, faults, trace, sometimes } = this.#stage;
    const step = this.#steps++;
    const fault = faults.at(this, step, port, scheduler.now);
    if (fault === 'pause' || this.stall?.step === step) {
      this.#pausedUntil = scheduler.now + (this.stall?.step === step ? this.stall.ms : faults.pauseMs(this, step));
      trace(this.name, () => `stands still for ${Math.round((this.#pausedUntil - scheduler.now) / 1000)} s`);
    }
    await this.#turn(scheduler.now + latencyMs(faults.unit(this.key, step, 1)));
    if (fault === 'kill before') return this.#die(`before ${port}`);
    if (fault === 'trouble before') {
      trace(this.name, () => `${label(undefined)} → fails`);
      throw new Trouble(`${port} fails`, undefined);
    }
    const result = await effect();
    trace(this.name, () => `${label(result)}${fault === 'trouble after' ? ' → done, but the answer is lost' : ''}`);
    if (fault === 'kill after') return this.#die(`after ${port}`);
    // Most effects are followed at once by what comes of them: others come between at the next turn anyway.
    if (faults.unit(this.key, step, 2) < 0.15) await this.#turn(scheduler.now + latencyMs(faults.unit(this.key, step, 3)));
    if (fault === 'trouble after') {
      sometimes('an answer of a port was lost');
      throw new Trouble(`${port} lost`, undefined);
    }
    return result;
  }

  /** Sleeps in virtual time; never wakes when dead. */
  async sleep(ms: number): Promise<void> {
    await this.#turn(this.#stage.scheduler.now + ms);
  }

  async #turn(at: number): Promise<void> {
    const { scheduler } = this.#stage;
    let until = at;
    do {
      const time = Math.max(until, this.#pausedUntil);
      await new Promise<void>((go) => {
        scheduler.at(time, () => {
          if (!this.dead) go();
        });
      });
      until = this.#pausedUntil;
    } while (until > scheduler.now);
  }

  #die(where: string): Promise<never> {
    this.kill(where);
    return new Promise<never>(() => {});
  }
}

/** Mostly milliseconds, so that those who work at the same time meet; seldom seconds. */
function latencyMs(x: number): number {
  if (x < 0.75) return 1 + x * 8;
  if (x < 0.94) return 6 + (x - 0.75) * 400;
  return 80 + (x - 0.94) ** 2 * 400_000;
}
