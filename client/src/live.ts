import { callSafely } from './events.ts';

type Watcher = { look: () => Promise<void>; due: boolean; looking: boolean; ofMoment: boolean };

/** Live results: each is looked at again after every change, and told only if it is another than before. */
export class Live {
  readonly #watchers = new Set<Watcher>();

  /**
   * Tells the result as it is, and again whenever it changes. `ofMoment`: it depends on more than the store. A look that
   * fails is told to the app as an error of its own, and tried again next time.
   */
  watch<T>(read: () => Promise<T>, listener: (result: T) => void, ofMoment = false): () => void {
    let told: string | undefined;
    const watcher: Watcher = { due: false, looking: false, look, ofMoment };
    const isOn = () => this.#watchers.has(watcher);

    async function look(): Promise<void> {
      try {
        const result = await read();
        const text = JSON.stringify(result) ?? '';
        if (!isOn() || text === told) return;
        told = text;
        callSafely(() => listener(result));
      } catch (error) {
        if (isOn()) throwLater(error);
      }
    }

    this.#watchers.add(watcher);
    this.#look(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** The store may have changed. */
  changed(): void {
    for (const watcher of this.#watchers) this.#look(watcher);
  }

  /** Only the moment has: how far a cycle is, whether there is a network. Records are not read again for it. */
  passed(): void {
    for (const watcher of this.#watchers) if (watcher.ofMoment) this.#look(watcher);
  }

  clear(): void {
    this.#watchers.clear();
  }

  /** One look at a time; changes that come meanwhile make one more. */
  #look(watcher: Watcher): void {
    watcher.due = true;
    if (watcher.looking) return;
    watcher.looking = true;
    void (async () => {
      while (watcher.due && this.#watchers.has(watcher)) {
        watcher.due = false;
        await watcher.look();
      }
      watcher.looking = false;
    })();
  }
}

function throwLater(error: unknown): void {
  callSafely(() => {
    throw error;
  });
}
