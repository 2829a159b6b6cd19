import type { Json } from './wire.ts';

/** One moment of the store. Valid until the body that got it ends. */
export type StoreTx = {
  get(key: string): Promise<Json | undefined>;
  /** Every entry whose key begins so, in the order of keys. Sees what this transaction wrote. */
  scan(prefix: string): Promise<[key: string, value: Json][]>;
  put(key: string, value: Json): Promise<void>;
  delete(key: string): Promise<void>;
};

/**
 * Bytes beside the map, such as photos: whole values under a name. Durable when `put` resolves. A value that is not there
 * is no error to delete.
 */
export type ByteStore = {
  put(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  get(name: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  delete(name: string): Promise<void>;
  names(): Promise<string[]>;
};

/**
 * Where the phone keeps everything: one ordered map from printable ASCII keys to JSON values.
 *
 * `transact` runs the body alone: no other body, of this or another process on the same data, sees or makes changes
 * meanwhile. When it resolves all of the body's writes are durable; when it rejects none was made. A body awaits nothing
 * but the transaction's own methods (IndexedDB ends a transaction that waits for anything else).
 *
 * test/client/stores/store-contract.ts is what every store must pass.
 */
export type Store = {
  transact<T>(body: (tx: StoreTx) => Promise<T>): Promise<T>;
  /** Tells when others (another tab) may have written. Stores that can't know leave it out. */
  onOthersWrite?(listener: () => void): () => void;
  /** Stores that can't keep bytes leave it out; then photos need files of the app's own. */
  bytes?: ByteStore;
  close(): Promise<void>;
};
