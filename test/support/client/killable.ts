import type { Store } from '../../../client/src/store.ts';

/** The app was killed: nothing of it goes on. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

/** A store whose app can be killed at any transaction, just before it becomes durable or just after. */
export class Killable {
  /** Transactions begun so far. */
  count = 0;
  /** Looks at the store after each transaction. */
  afterEach: ((store: Store) => Promise<void>) | undefined;
  #killAt = Number.POSITIVE_INFINITY;
  #when: 'before' | 'after' = 'before';
  #life = 0;

  /** The app dies at the n-th transaction from now. */
  killAt(n: number, when: 'before' | 'after'): void {
    this.#killAt = this.count + n;
    this.#when = when;
  }

  spare(): void {
    this.#killAt = Number.POSITIVE_INFINITY;
  }

  /** For the app's next life; stores of earlier ones are dead from here on. */
  wrap(store: Store): Store {
    const life = ++this.#life;
    let dead = false;
    const alive = () => {
      if (dead || life !== this.#life) throw new Killed('killed');
    };
    return {
      ...store,
      transact: async (body) => {
        alive();
        const n = ++this.count;
        const dies = n === this.#killAt;
        if (dies && this.#when === 'before') {
          dead = true;
          throw new Killed(`killed before transaction ${n}`);
        }
        const result = await store.transact(body);
        if (dies) dead = true;
        alive();
        await this.afterEach?.(store);
        return result;
      },
    };
  }
}
