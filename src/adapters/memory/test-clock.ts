import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../service/ports/clock.ts';

type Sleeper = { at: number; wake: () => void };

/**
 * A clock that a test holds. By hand: time stands still until `advance`. `auto`: whenever everyone sleeps, it jumps to
 * the first who wants to wake, so that waiting code runs through without waiting.
 */
export class TestClock implements Clock {
  readonly #auto: boolean;
  #now: number;
  #sleepers: Sleeper[] = [];

  constructor(options: { now?: number; auto?: boolean } = {}) {
    this.#now = options.now ?? Date.UTC(2030, 0, 1);
    this.#auto = options.auto ?? false;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => {
      this.#sleepers.push({ at: this.#now + Math.max(0, ms), wake });
      this.#sleepers.sort((a, b) => a.at - b.at);
      if (this.#auto) void setImmediate().then(() => this.#wakeFirst(Number.POSITIVE_INFINITY));
    });
  }

  /** How many sleep. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  /** Moves time on; wakes sleepers one by one, each at its own time, and lets them run until they wait again. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await setImmediate();
    while (this.#wakeFirst(until)) await setImmediate();
    this.#now = Math.max(this.#now, until);
  }

  #wakeFirst(until: number): boolean {
    const first = this.#sleepers[0];
    if (!first || first.at > until) return false;
    this.#sleepers.shift();
    this.#now = Math.max(this.#now, first.at);
    first.wake();
    return true;
  }
}
