import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey, type LocalJWKSet } from 'jose';
import { Trouble } from '../../service/errors.ts';
import type { Clock } from '../../service/ports.ts';

/** Fetched again at the next use after this. */
const FRESH_MS = 10 * 60_000;
/** A set that can't be fetched again still counts this long. */
const GOOD_MS = 60 * 60_000;
/** Not fetched more often than this: unknown key ids cost the issuer nothing. */
const PAUSE_MS = 30_000;
/** … and while there is no set at all, not more often than this. */
const PAUSE_WITHOUT_MS = 2000;
const TIMEOUT_MS = 3000;

type Fetched = { keys: LocalJWKSet; at: number };

/**
 * The issuer's key set, fetched when needed and kept. A token is never judged by keys that could not be had: when the
 * set can't be fetched, the last good one counts for an hour, and a key id unknown to it is `Trouble`, as all is after.
 */
export class KeySet {
  readonly #url: string;
  readonly #clock: Pick<Clock, 'now'>;
  #fetched: Fetched | undefined;
  #triedAt = Number.NEGATIVE_INFINITY;
  /** Why the last try failed, if it did. */
  #failure: unknown;
  #fetching: Promise<void> | undefined;

  constructor(url: string, clock: Pick<Clock, 'now'>) {
    this.#url = url;
    this.#clock = clock;
  }

  /** The key that a token's header names. Throws what jose throws for an unknown one, or `Trouble`. */
  readonly resolve: JWTVerifyGetKey = async (header, token) => {
    if (!this.#fetched || this.#age(this.#fetched) >= FRESH_MS) await this.#fetch();
    try {
      return await this.#good().keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
    }
    await this.#fetch();
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
  async #fetch(): Promise<void> {
    const pause = this.#fetched ? PAUSE_MS : PAUSE_WITHOUT_MS;
    if (!this.#fetching && this.#clock.now() - this.#triedAt < pause) return;
    this.#fetching ??= this.#fetchNow().finally(() => {
      this.#fetching = undefined;
    });
    await this.#fetching;
  }

  async #fetchNow(): Promise<void> {
    this.#triedAt = this.#clock.now();
    try {
      const response = await fetch(this.#url, {
        headers: { accept: 'application/json' },
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (response.status !== 200) throw new Error(`status ${response.status}`);
      this.#fetched = { keys: createLocalJWKSet((await response.json()) as JSONWebKeySet), at: this.#clock.now() };
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error;
    }
  }
}
