import { randomUUID } from 'node:crypto';

/** The part of expo-sqlite's database that is used; any SQLite in this shape will do. */
export type Database = {
  execAsync(source: string): Promise<void>;
  runAsync(source: string, params: (string | number | null)[]): Promise<unknown>;
  getFirstAsync<T>(source: string, params: (string | number | null)[]): Promise<T | null>;
  getAllAsync<T>(source: string, params: (string | number | null)[]): Promise<T[]>;
};

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Result = { client_id: string; status: string; error?: { code: string; message: string }; conflict_id?: string };
type Item = { entity_id: string; version: number; scope: string; home: string };
type Page = {
  success: boolean;
  data: Record<string, Item[]>;
  deleted: Record<string, Item[]>;
  reset: { scope: string; reason: string }[];
  cursor: string;
  has_more: boolean;
};

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS records (collection TEXT, entity_id TEXT, scope TEXT, home TEXT, version INTEGER, record TEXT,
    PRIMARY KEY (collection, entity_id, scope, home));
  CREATE TABLE IF NOT EXISTS sync_queue (seq INTEGER PRIMARY KEY AUTOINCREMENT, client_id TEXT UNIQUE, action TEXT, status TEXT);
  CREATE TABLE IF NOT EXISTS refused (client_id TEXT PRIMARY KEY, action TEXT, status TEXT, reason TEXT);
  CREATE TABLE IF NOT EXISTS place (id INTEGER PRIMARY KEY CHECK (id = 1), cursor TEXT);
`;

/** The least a phone must do, over plain HTTP and SQLite, without the SDK. One instance per device. */
export class SyncManager {
  readonly #db: Database;
  readonly #api: string;
  readonly #token: () => Promise<string>;
  readonly #deviceId: string;
  #running: Promise<void> | undefined;

  constructor(db: Database, api: string, token: () => Promise<string>, deviceId: string) {
    this.#db = db;
    this.#api = api;
    this.#token = token;
    this.#deviceId = deviceId;
  }

  async open(): Promise<void> {
    await this.#db.execAsync(SCHEMA);
  }

  /** Each action has a `client_id` of its own. Only of a create it may also be the record's id. */
  async createReport(data: Record<string, Json>): Promise<string> {
    const clientId = randomUUID();
    await this.#enqueue({ client_id: clientId, action_type: 'create_report', entity_type: 'report', entity_id: clientId, data });
    return clientId;
  }

  /** `data` holds only what the user changed, `base_version` says what they were looking at. */
  async updateReport(entityId: string, data: Record<string, Json>): Promise<void> {
    const held = await this.#db.getFirstAsync<Item>("SELECT version, home FROM records WHERE collection = 'reports' AND entity_id = ?", [entityId]);
    const seen = held ? { base_version: held.version, home: held.home } : {};
    await this.#enqueue({ client_id: randomUUID(), action_type: 'update_report', entity_type: 'report', entity_id: entityId, ...seen, data });
  }

  /** One at a time: upload, then download. */
  sync(): Promise<void> {
    this.#running ??= this.#sync().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #sync(): Promise<void> {
    await this.uploadPendingActions();
    await this.downloadNewData();
  }

  /** Sends the queue in order, the unanswered first and unchanged. If there is no answer, or a 503, it stays as it is. */
  async uploadPendingActions(): Promise<void> {
    for (;;) {
      const rows = await this.#db.getAllAsync<{ action: string }>("SELECT action FROM sync_queue WHERE status = 'pending' ORDER BY seq LIMIT 100", []);
      if (rows.length === 0) break;
      const actions = rows.map(({ action }) => JSON.parse(action) as Json);
      await this.#note(await this.#ask<{ results: Result[] }>('POST', 'upload', { device_id: this.#deviceId, actions }));
    }
    // What the server has and has not decided is asked for, not sent again.
    const open = await this.#db.getAllAsync<{ client_id: string }>("SELECT client_id FROM sync_queue WHERE status <> 'pending' LIMIT 100", []);
    if (open.length === 0) return;
    const ids = open.map(({ client_id }) => client_id).join(',');
    await this.#note(await this.#ask('GET', `actions?device_id=${this.#deviceId}&client_ids=${ids}`));
  }

  /** `success`, `conflict` and `rejected` are final; `queued` and `failed` stay; `unknown` is sent again. */
  async #note({ results }: { results: Result[] }): Promise<void> {
    for (const { client_id: id, status, error, conflict_id } of results) {
      if (status === 'queued' || status === 'failed' || status === 'unknown') {
        await this.#db.runAsync('UPDATE sync_queue SET status = ? WHERE client_id = ?', [status === 'unknown' ? 'pending' : status, id]);
        continue;
      }
      await this.#together(async () => {
        if (status !== 'success') {
          // For the user: a reason to correct it, or a conflict to decide (GET /sync/conflicts).
          await this.#db.runAsync(
            'INSERT OR REPLACE INTO refused SELECT client_id, action, ?, ? FROM sync_queue WHERE client_id = ?',
            [status, error?.message ?? conflict_id ?? null, id],
          );
        }
        await this.#db.runAsync('DELETE FROM sync_queue WHERE client_id = ?', [id]);
      });
    }
  }

  /** Page by page until there is no more. A page and its cursor are one transaction. */
  async downloadNewData(): Promise<void> {
    for (let more = true; more; ) {
      const place = await this.#db.getFirstAsync<{ cursor: string }>('SELECT cursor FROM place WHERE id = 1', []);
      const page = await this.#ask<Page>('GET', `download?device_id=${this.#deviceId}${place ? `&cursor=${encodeURIComponent(place.cursor)}` : ''}`);
      await this.#together(() => this.#apply(page));
      more = page.has_more;
    }
  }

  async #apply({ reset, data, deleted, cursor }: Page): Promise<void> {
    // The scope starts afresh: its records go, the queue stays. `unknown`: the server can't tell what is held here.
    if (reset.some(({ reason }) => reason === 'unknown')) await this.#db.runAsync('DELETE FROM records', []);
    for (const { scope } of reset) await this.#db.runAsync('DELETE FROM records WHERE scope = ?', [scope]);
    for (const [collection, records] of Object.entries(data)) {
      for (const record of records) {
        const { entity_id, scope, home, version } = record;
        await this.#db.runAsync(
          `INSERT INTO records VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET version = excluded.version, record = excluded.record
           WHERE excluded.version >= version`,
          [collection, entity_id, scope, home, version, JSON.stringify(record)],
        );
      }
    }
    for (const [collection, gone] of Object.entries(deleted)) {
      for (const { entity_id, scope, home, version } of gone) {
        await this.#db.runAsync(
          'DELETE FROM records WHERE collection = ? AND entity_id = ? AND scope = ? AND home = ? AND version <= ?',
          [collection, entity_id, scope, home, version],
        );
      }
    }
    await this.#db.runAsync('INSERT OR REPLACE INTO place VALUES (1, ?)', [cursor]);
  }

  async #enqueue(action: { client_id: string } & Record<string, Json>): Promise<void> {
    const text = JSON.stringify({ timestamp: new Date().toISOString(), ...action });
    await this.#db.runAsync("INSERT INTO sync_queue (client_id, action, status) VALUES (?, ?, 'pending')", [action.client_id, text]);
  }

  async #together(work: () => Promise<void>): Promise<void> {
    await this.#db.execAsync('BEGIN IMMEDIATE');
    try {
      await work();
      await this.#db.execAsync('COMMIT');
    } catch (error) {
      await this.#db.execAsync('ROLLBACK');
      throw error;
    }
  }

  async #ask<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.#api}/api/v1/sync/${path}`, {
      method,
      headers: { authorization: `Bearer ${await this.#token()}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as T & { success?: boolean; code?: string };
    // 401: get a new token and come again. 429 and 503: come again after Retry-After. The queue is as it was.
    if (!response.ok || answer.success !== true) throw new Error(`${response.status} ${answer.code ?? ''}`);
    return answer;
  }
}
