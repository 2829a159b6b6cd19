import { Interrupted } from './http.ts';
import { META } from './keys.ts';
import type { Store, StoreTx } from './store.ts';

type LeaseRow = { owner: string; until: number };

/** A holder that is gone blocks others for at most this long. */
export const LEASE_MS = 20_000;

/**
 * The right to talk to the server for this device: one tab or task at a time has it, so that one upload is in flight
 * (design 5). It ends by itself if its holder dies. Whatever the holder writes, it writes in a transaction that looks at
 * the lease first: one that slept through its end changes nothing.
 */
export class Lease {
  readonly #store: Store;
  readonly #owner: string;
  readonly #now: () => number;
  readonly #key: string;

  /** `key`: where it is noted; who sends photos has one of its own. */
  constructor(store: Store, owner: string, now: () => number, key: string = META.lease) {
    this.#key = key;
    this.#store = store;
    this.#owner = owner;
    this.#now = now;
  }

  /** Takes it, or says how long (ms) another may still have it. */
  async take(): Promise<number> {
    return this.#store.transact(async (tx) => {
      const held = (await tx.get(this.#key)) as LeaseRow | undefined;
      const now = this.#now();
      // A clock that was set back must not leave it to a dead holder for ever.
      if (held && held.owner !== this.#owner && held.until > now && held.until <= now + LEASE_MS) return held.until - now;
      await this.#put(tx);
      return 0;
    });
  }

  /** Goes on having it while a request takes its time. Changes nothing if another has it. */
  async renew(): Promise<void> {
    await this.#store.transact(async (tx) => {
      const held = (await tx.get(this.#key)) as LeaseRow | undefined;
      if (held?.owner === this.#owner) await this.#put(tx);
    });
  }

  async giveBack(): Promise<void> {
    await this.#store.transact(async (tx) => {
      const held = (await tx.get(this.#key)) as LeaseRow | undefined;
      if (held?.owner === this.#owner) await tx.delete(this.#key);
    });
  }

  /** A transaction of the holder; throws `Interrupted` if it is no longer one. */
  within<T>(body: (tx: StoreTx) => Promise<T>): Promise<T> {
    return this.#store.transact(async (tx) => {
      const held = (await tx.get(this.#key)) as LeaseRow | undefined;
      if (held?.owner !== this.#owner) throw new Interrupted('overtaken', 'Another tab or task syncs this device.');
      await this.#put(tx);
      return body(tx);
    });
  }

  async #put(tx: StoreTx): Promise<void> {
    await tx.put(this.#key, { owner: this.#owner, until: this.#now() + LEASE_MS });
  }
}
