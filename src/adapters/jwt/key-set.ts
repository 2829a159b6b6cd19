import { createLocalJWKSet, errors, type JWTVerifyGetKey, type LocalJWKSet } from 'jose';
import { Trouble } from '../../service/errors.ts';
import type { Clock } from '../../service/ports/clock.ts';
import { usableKeys } from './usable-keys.ts';

/** Fetched again at the next use after this. */
const FRESH_MS = 10 * 60_000;
/** A set that can't be fetched again still counts this long. */
const GOOD_MS = 60 * 60_000;
/** A set that is too old, or may lack a new key, is not asked for again within this: unknown key ids cost the issuer nothing. */
const PAUSE_MS = 30_000;
/** … and while there is no set at all, not more often than this. */
const PAUSE_WITHOUT_MS = 2000;
const TIMEOUT_MS = 3000;

type Fetched = { keys: LocalJWKSet; at: number };

/** Why the set is fetched. Each has a pause of its own, so that a key may be new right after a fetch. */
type Reason = 'age' | 'unknown key';

/**
 * The issuer's key set, fetched when needed and kept. A token is never judged by keys that could not be had: when the
 * set can't be fetched, the last good one counts for an hour, and a key id unknown to it is `Trouble`, as all is after.
 */
export class KeySet {
  readonly #url: string;
  readonly #clock: Pick<Clock, 'now'>;
  #fetched: Fetched | undefined;
  readonly #triedAt: Record<Reason, number> = { age: Number.NEGATIVE_INFINITY, 'unknown key': Number.NEGATIVE_INFINITY };
  /** Why the last try failed, if it did. */
  #failure: unknown;
  #fetching: Promise<void> | undefined;

  constructor(url: string, clock: Pick<Clock, 'now'>) {
    this.#url = url;
    this.#clock = clock;
  }

  /** The key that a token's header names. Throws what jose throws for an unknown one, or `Trouble`. */
  readonly resolve: JWTVerifyGetKey = async (header, token) => {
    const before = this.#fetched;
    if (!before || this.#age(before) >= FRESH_MS) await this.#fetch('age');
    try {
      return await this.#good().keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
    }
    if (this.#fetched === before) await this.#fetch('unknown key');
    if (this.#failure !== undefined) throw this.#trouble();
    return this.#good().keys(header, token);
  };

  #age(fetched: Fetched): number {
    return this.#clock.now() - fetched.at;
  }

  #good(): Fetched {
    if (!this.#fetched || this.#age(this.#fetched) >= GOOD_MS) throw this.#trouble();
    return this.#fetched;
  }

  #trouble(): Trouble {
    return new Trouble('the key set could not be fetched', this.#failure);
  }

  /** Fetches the set, unless that was just tried; those who come meanwhile wait for the same answer. */
  async #fetch(reason: Reason): Promise<void> {
    const pause = this.#fetched ? PAUSE_MS : PAUSE_WITHOUT_MS;
    const now = this.#clock.now();
    if (!this.#fetching && now - this.#triedAt[reason] < pause) return;
    this.#triedAt[reason] = now;
    this.#fetching ??= this.#fetchNow().finally(() => {
      this.#fetching = undefined;
    });
    await this.#fetching;
  }

  async #fetchNow(): Promise<void> {
    try {
      const response = await fetch(this.#url, {
        headers: { accept: 'application/json' },
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (response.status !== 200) throw new Error(`status ${response.status}`);
      this.#fetched = { keys: createLocalJWKSet(await usableKeys(await response.json())), at: this.#clock.now() };
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error;
    }
  }
}
