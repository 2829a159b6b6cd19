import { DatabaseSync } from 'node:sqlite';
import type { SqliteDatabase } from '@fieldsync/client/sqlite';

/** Node's own SQLite in the shape of expo-sqlite's database, and as asynchronous. */
export async function openDatabase(path: string): Promise<SqliteDatabase> {
  const db = new DatabaseSync(path);
  const soon = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    async execAsync(source) {
      await soon();
      db.exec(source);
    },
    async runAsync(source, params) {
      await soon();
      return db.prepare(source).run(...params);
    },
    async getFirstAsync<T>(source: string, params: (string | number | null)[]) {
      await soon();
      return (db.prepare(source).get(...params) as T | undefined) ?? null;
    },
    async getAllAsync<T>(source: string, params: (string | number | null)[]) {
      await soon();
      return db.prepare(source).all(...params) as T[];
    },
    async closeAsync() {
      await soon();
      db.close();
    },
  };
}
