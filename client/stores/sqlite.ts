import type { Store, StoreTx } from '../src/store.ts';
import type { Json } from '../src/wire.ts';

/**
 * The part of a database of expo-sqlite that is used: what `openDatabaseAsync` resolves to fits as it is, and so does any
 * other driver in this shape. The connection is the store's own: nobody else begins transactions on it.
 */
export type SqliteDatabase = {
  execAsync(source: string): Promise<void>;
  runAsync(source: string, params: (string | number | null | Uint8Array)[]): Promise<unknown>;
  getFirstAsync<T>(source: string, params: (string | number | null)[]): Promise<T | null>;
  getAllAsync<T>(source: string, params: (string | number | null)[]): Promise<T[]>;
  closeAsync(): Promise<void>;
};

// FULL: what the user was told is saved must survive a battery that falls out (sqlite.org/pragma.html#pragma_synchronous).
const SETUP = `
  PRAGMA busy_timeout = 0;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS fieldsync (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS fieldsync_bytes (name TEXT PRIMARY KEY NOT NULL, bytes BLOB NOT NULL);
`;

/** How long a transaction waits for another connection's to end. */
const PATIENCE_MS = 20_000;

/**
 * Keeps everything in one table of an SQLite database, through the API of expo-sqlite. Several connections to one file
 * (the app and its background task) are fine.
 */
export function sqliteStore(open: () => Promise<SqliteDatabase>): Store {
  let queue: Promise<unknown> = Promise.resolve();
  let opened: Promise<SqliteDatabase> | undefined;
  let closed = false;

  async function setUp(): Promise<SqliteDatabase> {
    const db = await open();
    try {
      await patiently(() => db.execAsync(SETUP));
    } catch (error) {
      await db.closeAsync().catch(() => undefined);
      throw error;
    }
    return db;
  }

  async function database(): Promise<SqliteDatabase> {
    opened ??= setUp();
    return opened.catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
  }

  /** One statement: it waits for its turn, as transactions do, for the connection has only one. */
  function alone<T>(statement: (db: SqliteDatabase) => Promise<T>): Promise<T> {
    const turn = queue.then(async () => {
      const db = await database();
      return patiently(() => statement(db));
    });
    queue = turn.catch(() => undefined);
    return turn;
  }

  async function run<T>(body: (tx: StoreTx) => Promise<T>): Promise<T> {
    const db = await database();
    // IMMEDIATE: two connections that both read first and then write would fail with SQLITE_BUSY half way.
    await patiently(() => db.execAsync('BEGIN IMMEDIATE'));
    try {
      const result = await body(transaction(db));
      await db.execAsync('COMMIT');
      return result;
    } catch (error) {
      // A rollback may fail because SQLite rolled back by itself, as it does when the disk is full.
      await db.execAsync('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  return {
    transact<T>(body: (tx: StoreTx) => Promise<T>): Promise<T> {
      if (closed) return Promise.reject(new Error('The store is closed.'));
      const turn = queue.then(() => run(body));
      queue = turn.catch(() => undefined);
      return turn;
    },
    bytes: {
      async put(name, bytes) {
        await alone((db) => db.runAsync('INSERT OR REPLACE INTO fieldsync_bytes (name, bytes) VALUES (?, ?)', [name, bytes]));
      },
      async get(name) {
        const row = await alone((db) => db.getFirstAsync<{ bytes: Uint8Array }>('SELECT bytes FROM fieldsync_bytes WHERE name = ?', [name]));
        return row ? new Uint8Array(row.bytes) : undefined;
      },
      async delete(name) {
        await alone((db) => db.runAsync('DELETE FROM fieldsync_bytes WHERE name = ?', [name]));
      },
      names: async () => (await alone((db) => db.getAllAsync<{ name: string }>('SELECT name FROM fieldsync_bytes ORDER BY name', []))).map(({ name }) => name),
    },
    async close() {
      closed = true;
      await queue;
      await (await opened?.catch(() => undefined))?.closeAsync();
      opened = undefined;
    },
  };
}

/**
 * Tries again while another connection may be writing. Not by SQLite's own busy timeout: it stands still on the thread that
 * the other connection may need to end its transaction.
 */
async function patiently<T>(begin: () => Promise<T>): Promise<T> {
  for (let waited = 0, pause = 1; ; waited += pause, pause = Math.min(50, pause * 2)) {
    try {
      return await begin();
    } catch (error) {
      if (waited >= PATIENCE_MS) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

type Row = { key: string; value: string };

function transaction(db: SqliteDatabase): StoreTx {
  return {
    async get(key) {
      const row = await db.getFirstAsync<Row>('SELECT value FROM fieldsync WHERE key = ?', [key]);
      return row ? (JSON.parse(row.value) as Json) : undefined;
    },
    async scan(prefix) {
      const rows = await db.getAllAsync<Row>('SELECT key, value FROM fieldsync WHERE key >= ? AND key < ? ORDER BY key', [
        prefix,
        `${prefix}\u{7f}`,
      ]);
      return rows.map(({ key, value }) => [key, JSON.parse(value) as Json]);
    },
    async put(key, value) {
      await db.runAsync('INSERT OR REPLACE INTO fieldsync (key, value) VALUES (?, ?)', [key, JSON.stringify(value)]);
    },
    async delete(key) {
      await db.runAsync('DELETE FROM fieldsync WHERE key = ?', [key]);
    },
  };
}
