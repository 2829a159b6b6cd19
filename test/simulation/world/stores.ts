import { createMemoryPorts, type MemoryPorts } from '../../../src/adapters/memory/ports.ts';
import type { Clock } from '../../../src/service/ports/clock.ts';

/** The tables. */
export type Stores = Pick<MemoryPorts, 'log' | 'entities' | 'actions' | 'conflicts' | 'inbox' | 'devices' | 'attachments' | 'expire'>;

export function newStores(now: () => number): Stores {
  const clock: Clock = { now, sleep: () => Promise.reject(new Error('tables do not sleep')) };
  return createMemoryPorts({ clock });
}

type Write = { at: number; redo: (stores: Stores) => Promise<unknown> };

/** Every write in order: a copy of the tables as of any time is a matter of doing them again. */
export class Journal {
  #writes: Write[] = [];

  add(at: number, redo: Write['redo']): void {
    this.#writes.push({ at, redo });
  }

  /** Forgets what was written after that time. */
  cut(at: number): void {
    this.#writes = this.#writes.filter((write) => write.at <= at);
  }

  /** What time drops belongs to the order of writes too. */
  expire(at: number, isLate: (name: string) => boolean): void {
    this.add(at, (stores) => Promise.resolve(stores.expire(at, isLate)));
  }

  from(index: number): readonly Write[] {
    return this.#writes.slice(index);
  }

  get length(): number {
    return this.#writes.length;
  }

  /** The tables as they were (point-in-time restore). */
  async restore(now: () => number): Promise<Stores> {
    const stores = newStores(now);
    for (const { redo } of this.#writes) await redo(stores);
    return stores;
  }
}

/** A copy of the tables that lags: what an index, or a read that is not strong, may show. */
export class Lagging {
  readonly #journal: Journal;
  readonly #stores: Stores;
  #done = 0;
  #busy: Promise<void> = Promise.resolve();

  constructor(journal: Journal, now: () => number) {
    this.#journal = journal;
    this.#stores = newStores(now);
  }

  /** As of that time, or a later one that it has already shown. Who asks meanwhile waits: each write is done once. */
  at(time: number): Promise<Stores> {
    this.#busy = this.#busy.then(() => this.#follow(time));
    return this.#busy.then(() => this.#stores);
  }

  async #follow(time: number): Promise<void> {
    for (const { at, redo } of this.#journal.from(this.#done)) {
      if (at > time) break;
      await redo(this.#stores);
      this.#done++;
    }
  }
}
