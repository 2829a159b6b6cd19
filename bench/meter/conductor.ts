import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome } from '../../local/lambda/local-function.ts';

type Invoke = (event: unknown) => Promise<Outcome>;
type Waiting = { readonly until: () => boolean; readonly go: () => void };

/** A call that is held longer than this would time out. */
const LONGEST_HOLD_MS = 2000;

/** Messages of a call or an invocation, by what they are. */
export type Messages = { readonly batches: number; readonly notes: number };

/**
 * Makes the course of an upload the same on every machine. Who waits for a worker looks into the inbox a number of
 * times before the worker is done: here exactly `looks` times. The worker is held until then, and the next look until
 * the worker is done. So what waiting costs is counted, not measured.
 */
export class Conductor {
  /** Looks that find the worker not done yet; nothing is held while undefined. */
  looks: number | undefined;
  #seen = 0;
  /** Messages that were sent and not worked off. */
  #batches = 0;
  #notes = 0;
  #waiting: Waiting[] = [];

  /** Messages that a function sent. */
  sent({ batches, notes }: Messages): void {
    if (this.#batches === 0) this.#seen = 0;
    this.#batches += batches;
    this.#notes += notes;
  }

  /** Before a function looks whether the worker is done. False: this look is one too many, for a slow machine's sake. */
  async look(): Promise<boolean> {
    if (this.looks === undefined || this.#batches === 0) return true;
    this.#seen += 1;
    this.#check();
    if (this.#seen <= this.looks) return true;
    const done = this.#when(() => this.#batches === 0).then(() => true);
    return Promise.race([done, sleep(LONGEST_HOLD_MS, false, { ref: false })]);
  }

  /** Hands messages to the worker. */
  async deliver(messages: Messages, event: unknown, invoke: Invoke): Promise<Outcome> {
    const { looks } = this;
    if (looks !== undefined && messages.batches > 0) await this.#when(() => this.#seen >= looks);
    const outcome = await invoke(event);
    this.#batches -= messages.batches;
    this.#notes -= messages.notes;
    this.#check();
    return outcome;
  }

  /** Resolves when all that was sent is worked off, and what that sent too. */
  async settled(): Promise<void> {
    await this.#when(() => this.#batches + this.#notes === 0);
  }

  async #when(until: () => boolean): Promise<void> {
    if (until()) return;
    await new Promise<void>((go) => this.#waiting.push({ until, go }));
  }

  #check(): void {
    const ready = this.#waiting.filter(({ until }) => until());
    this.#waiting = this.#waiting.filter((one) => !ready.includes(one));
    for (const { go } of ready) go();
  }
}
