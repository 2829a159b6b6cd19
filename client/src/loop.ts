import type { CycleEnd } from './cycle.ts';
import type { Timers } from './network.ts';
import { pauseAfter, PAUSES } from './pauses.ts';

export type LoopOptions = {
  run: () => Promise<CycleEnd>;
  timers: Timers;
  random: () => number;
  intervalMs: number;
  auto: boolean;
  /** A cycle ended, or could not because the store failed. */
  ended: (end: CycleEnd | { ok: false; error: unknown }) => void;
};

/** Decides when cycles run: one at a time, soon after edits, later after failures, at intervals otherwise. */
export class Loop {
  readonly #options: LoopOptions;
  #running: Promise<CycleEnd> | undefined;
  #next: Promise<CycleEnd> | undefined;
  #cancel: (() => void) | undefined;
  #failures = 0;
  #asks = 0;
  #offline = false;
  /** Edits that came while a cycle ran, perhaps too late for it. */
  #edited = false;
  #stopped = false;

  constructor(options: LoopOptions) {
    this.#options = options;
  }

  /** A whole cycle that begins after this call: at once, or after the one that runs. */
  now(): Promise<CycleEnd> {
    if (!this.#running) return this.#start();
    this.#next ??= this.#running.then(
      () => this.#following(),
      () => this.#following(),
    );
    return this.#next;
  }

  /** The user did something: soon, together with what follows at once. Does not shorten a pause after a failure. */
  soon(): void {
    this.#edited = true;
    if (!this.#options.auto || this.#offline || this.#failures > 0 || this.#running) return;
    this.#plan(PAUSES.editMs);
  }

  /** There is a network again, the app is in front again, a push came: at once, whatever failed before. */
  wake(): void {
    if (!this.#options.auto || this.#stopped) return;
    this.#offline = false;
    this.#failures = 0;
    this.now().catch(() => undefined);
  }

  /** The server has something new, or may have: at once, but no sooner than after a failure. */
  poked(): void {
    if (!this.#options.auto || this.#stopped || this.#offline || this.#failures > 0) return;
    this.now().catch(() => undefined);
  }

  /** There surely is no network: nothing is tried until `wake`. */
  rest(): void {
    this.#offline = true;
    this.#cancel?.();
  }

  /** Resolves when nothing runs any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.#running?.catch(() => undefined);
  }

  #following(): Promise<CycleEnd> {
    this.#next = undefined;
    return this.#start();
  }

  #start(): Promise<CycleEnd> {
    if (this.#stopped) return Promise.reject(new Error('The sync is closed.'));
    this.#cancel?.();
    this.#edited = false;
    this.#running = this.#cycle().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #cycle(): Promise<CycleEnd> {
    const { run, ended, intervalMs, random } = this.#options;
    try {
      const end = await run();
      this.#failures = end.ok || end.halt === 'overtaken' ? 0 : this.#failures + 1;
      this.#asks = end.ok && end.queued ? this.#asks + 1 : 0;
      ended(end);
      const pause = pauseAfter(end, Math.max(0, this.#failures - 1), Math.max(0, this.#asks - 1), intervalMs, random());
      if (!this.#options.auto || this.#offline) return end;
      if (end.ok && this.#edited) this.#plan(PAUSES.editMs);
      else if (pause !== undefined) this.#plan(pause);
      return end;
    } catch (error) {
      ended({ ok: false, error });
      this.#failures++;
      if (this.#options.auto) this.#plan(PAUSES.longestRetryMs);
      throw error;
    }
  }

  #plan(ms: number): void {
    this.#cancel?.();
    if (this.#stopped) return;
    this.#cancel = this.#options.timers.set(ms, () => {
      this.now().catch(() => undefined);
    });
  }
}
