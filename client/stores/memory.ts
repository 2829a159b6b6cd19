import type { Store, StoreTx } from '../src/store.ts';
import type { Json } from '../src/wire.ts';

/** What a memory store holds; give it to a second store to be another tab, or the app after a restart. */
export type MemoryDisk = { entries: Map<string, string>; bytes: Map<string, Uint8Array<ArrayBuffer>>; queue: Promise<unknown>; listeners: Set<() => void> };

export function memoryDisk(): MemoryDisk {
  return { entries: new Map(), bytes: new Map(), queue: Promise.resolve(), listeners: new Set() };
}

/** Keeps everything in memory: for tests, and for trying things out. Nothing survives the process. */
export function memoryStore(disk: MemoryDisk = memoryDisk()): Store {
  let closed = false;
  const mine = new Set<() => void>();

  async function run<T>(body: (tx: StoreTx) => Promise<T>): Promise<T> {
    const writes = new Map<string, string | undefined>();
    const result = await body(transaction(disk.entries, writes));
    for (const [key, value] of writes) {
      if (value === undefined) disk.entries.delete(key);
      else disk.entries.set(key, value);
    }
    if (writes.size > 0) for (const listener of disk.listeners) if (!mine.has(listener)) listener();
    return result;
  }

  return {
    transact<T>(body: (tx: StoreTx) => Promise<T>): Promise<T> {
      if (closed) return Promise.reject(new Error('The store is closed.'));
      const turn = disk.queue.then(() => run(body));
      disk.queue = turn.catch(() => undefined);
      return turn;
    },
    bytes: {
      async put(name, bytes) {
        disk.bytes.set(name, bytes.slice());
      },
      get: async (name) => disk.bytes.get(name)?.slice(),
      async delete(name) {
        disk.bytes.delete(name);
      },
      names: async () => [...disk.bytes.keys()].sort(),
    },
    onOthersWrite(listener) {
      disk.listeners.add(listener);
      mine.add(listener);
      return () => disk.listeners.delete(listener);
    },
    async close() {
      closed = true;
      await disk.queue;
      for (const listener of mine) disk.listeners.delete(listener);
    },
  };
}

function transaction(entries: ReadonlyMap<string, string>, writes: Map<string, string | undefined>): StoreTx {
  const read = (key: string) => (writes.has(key) ? writes.get(key) : entries.get(key));
  return {
    async get(key) {
      const value = read(key);
      return value === undefined ? undefined : (JSON.parse(value) as Json);
    },
    async scan(prefix) {
      const found = new Set([...entries.keys(), ...writes.keys()].filter((key) => key.startsWith(prefix)));
      return [...found].sort().flatMap((key): [string, Json][] => {
        const value = read(key);
        return value === undefined ? [] : [[key, JSON.parse(value) as Json]];
      });
    },
    async put(key, value) {
      writes.set(key, JSON.stringify(value));
    },
    async delete(key) {
      writes.set(key, undefined);
    },
  };
}
