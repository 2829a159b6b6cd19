import type { Store, StoreTx } from '../src/store.ts';
import type { Json } from '../src/wire.ts';

const TABLE = 'fieldsync';
const BYTES = 'fieldsync-bytes';

/**
 * Keeps everything in one IndexedDB database of the page's origin. All tabs of the origin share it, and tell each other
 * of writes by a BroadcastChannel. Ask the browser to keep it: `navigator.storage.persist()`.
 */
export function indexedDbStore(name: string): Store {
  const channel = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel(`fieldsync ${name}`);
  const listeners = new Set<() => void>();
  let opened: Promise<IDBDatabase> | undefined;
  let closed = false;
  const running = new Set<Promise<unknown>>();
  if (channel) {
    channel.addEventListener('message', () => listeners.forEach((listener) => listener()));
    // In Node a channel keeps the process alive; browsers have no such thing.
    (channel as { unref?: () => void }).unref?.();
  }

  async function database(): Promise<IDBDatabase> {
    if (closed) throw new Error('The store is closed.');
    opened ??= openDatabase(name, () => (opened = undefined));
    try {
      return await opened;
    } catch (error) {
      opened = undefined;
      throw error;
    }
  }

  async function run<T>(body: (tx: StoreTx) => Promise<T>): Promise<T> {
    // `strict`: told to be saved means on disk (w3.org/TR/IndexedDB, durability).
    const transaction = (await database()).transaction(TABLE, 'readwrite', { durability: 'strict' });
    let wrote = false;
    const ended = endOf(transaction);
    // The body's own error is the one to tell.
    ended.catch(() => undefined);
    let result: T;
    try {
      result = await body(over(transaction.objectStore(TABLE), () => (wrote = true)));
    } catch (error) {
      try {
        transaction.abort();
      } catch {
        // It ended by itself.
      }
      throw error;
    }
    await ended;
    if (wrote) channel?.postMessage(0);
    return result;
  }

  return {
    transact<T>(body: (tx: StoreTx) => Promise<T>): Promise<T> {
      const turn = run(body);
      const ended = turn.then(
        () => void running.delete(ended),
        () => void running.delete(ended),
      );
      running.add(ended);
      return turn;
    },
    bytes: {
      async put(name, bytes) {
        const transaction = (await database()).transaction(BYTES, 'readwrite', { durability: 'strict' });
        transaction.objectStore(BYTES).put(bytes, name);
        await endOf(transaction);
      },
      get: async (name) => answer((await database()).transaction(BYTES).objectStore(BYTES).get(name) as IDBRequest<Uint8Array<ArrayBuffer> | undefined>),
      async delete(name) {
        const transaction = (await database()).transaction(BYTES, 'readwrite', { durability: 'strict' });
        transaction.objectStore(BYTES).delete(name);
        await endOf(transaction);
      },
      names: async () => (await answer((await database()).transaction(BYTES).objectStore(BYTES).getAllKeys())) as string[],
    },
    onOthersWrite(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      closed = true;
      await Promise.all(running);
      channel?.close();
      (await opened?.catch(() => undefined))?.close();
      opened = undefined;
    },
  };
}

function endOf(transaction: IDBTransaction): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    transaction.addEventListener('complete', () => resolve());
    transaction.addEventListener('abort', () => reject(transaction.error ?? new Error('The transaction was aborted.')));
  });
}

function openDatabase(name: string, lost: () => void): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 2);
    request.addEventListener('upgradeneeded', () => {
      const there = request.result.objectStoreNames;
      for (const table of [TABLE, BYTES]) if (!there.contains(table)) request.result.createObjectStore(table);
    });
    request.addEventListener('error', () => reject(request.error ?? new Error('The database can not be opened.')));
    request.addEventListener('success', () => {
      const db = request.result;
      db.addEventListener('close', lost);
      // Another tab deletes it, or has a newer form of it: do not stand in the way.
      db.addEventListener('versionchange', () => {
        db.close();
        lost();
      });
      resolve(db);
    });
  });
}

function over(table: IDBObjectStore, noteWrite: () => void): StoreTx {
  return {
    get: (key) => answer(table.get(key) as IDBRequest<Json | undefined>),
    async scan(prefix) {
      const range = rangeOf(prefix);
      const [found, values] = await Promise.all([answer(table.getAllKeys(range)), answer(table.getAll(range) as IDBRequest<Json[]>)]);
      return found.map((key, i) => [key as string, values[i] as Json]);
    },
    async put(key, value) {
      noteWrite();
      await answer(table.put(value, key));
    },
    async delete(key) {
      noteWrite();
      await answer(table.delete(key));
    },
  };
}

/** Keys are printable ASCII: DEL is behind them all. */
function rangeOf(prefix: string): IDBKeyRange {
  return IDBKeyRange.bound(prefix, `${prefix}\u{7f}`, false, true);
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error ?? new Error('The request failed.')));
  });
}
