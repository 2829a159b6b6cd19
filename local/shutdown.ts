import { setTimeout as sleep } from 'node:timers/promises';

/** How long a single step may take. What is left after that ends with the process. */
const PATIENCE_MS = 6_000;

/** What must be undone, in reverse order; also of a start that failed half-way. */
export class Shutdown {
  readonly #steps: (() => Promise<unknown>)[] = [];
  #done: Promise<void> | undefined;

  add(step: () => Promise<unknown>): void {
    this.#steps.push(step);
  }

  /** Notes how to stop it, and hands it on. */
  readonly stopping = <T extends { stop(): Promise<unknown> }>(part: T): T => {
    this.add(() => part.stop());
    return part;
  };

  /** Like Promise.all, but waits for all of them even if one fails, so that none starts after the shutdown. */
  async all<T extends readonly unknown[]>(starting: { readonly [K in keyof T]: Promise<T[K]> }): Promise<T> {
    await Promise.allSettled(starting);
    return await Promise.all(starting) as unknown as T;
  }

  /** However often it is called, everything is undone once. A step that fails does not keep the others. */
  run(): Promise<void> {
    this.#done ??= this.#undo();
    return this.#done;
  }

  async #undo(): Promise<void> {
    for (const step of this.#steps.reverse()) {
      try {
        await Promise.race([step(), sleep(PATIENCE_MS, undefined, { ref: false })]);
      } catch (error) {
        console.error(error);
      }
    }
  }
}
