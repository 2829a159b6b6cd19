import type { Store } from '../../../client/src/store.ts';

/** The app was killed: nothing of it goes on. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

/** A store whose app can be killed at any transaction, or write of bytes, just before it becomes durable or just after. */
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
    const write = async <T>(effect: () => Promise<T>): Promise<T> => {
      alive();
      const n = ++this.count;
      const dies = n === this.#killAt;
      if (dies && this.#when === 'before') {
        dead = true;
        throw new Killed(`killed before transaction ${n}`);
      }
      const result = await effect();
      if (dies) dead = true;
      alive();
      return result;
    };
    const { bytes } = store;
    return {
      ...store,
      transact: async (body) => {
        const result = await write(() => store.transact(body));
        await this.afterEach?.(store);
        return result;
      },
      ...(bytes && {
        bytes: {
          ...bytes,
          put: (name: string, value: Uint8Array<ArrayBuffer>) => write(() => bytes.put(name, value)),
          delete: (name: string) => write(() => bytes.delete(name)),
        },
      }),
    };
  }
}
