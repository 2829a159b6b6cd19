import type { Database, Model } from '@nozbe/watermelondb';
import type { SyncArgs } from '@nozbe/watermelondb/sync/index.js';
import { contentId } from '../src/content-id.ts';
import { Direct, type DirectOptions, type DirectResult, type Verdict } from '../src/direct.ts';
import { actionFor, typeNamed, type PhoneDomain } from '../src/domain.ts';
import type { DownloadPage, Json, JsonObject, WireAction, WireRecord } from '../src/wire.ts';

// WatermelonDB has its own store and change tracking; this is `synchronize`'s way to Fieldsync. What it can't express:
// operators (a counter is sent as the value it came to), the order and old values of edits (it sends the last state of the
// changed columns, so texts are not merged by lines), sets (a column holds JSON text: name it in `json`), and conflicts as
// questions: the server's side is taken, and `onVerdict` tells the app what lost. What was refused is undone by the next
// `synchronize`: run it again while `pending()` is above 0.

/** Columns that every synced table needs beside those of its type's fields: text, text and two numbers. */
export const FIELDSYNC_COLUMNS = [
  { name: 'scope', type: 'string' as const, isOptional: true },
  { name: 'home', type: 'string' as const, isOptional: true },
  { name: 'version', type: 'number' as const, isOptional: true },
  { name: 'server_id', type: 'number' as const, isOptional: true },
];

export type WatermelonOptions = DirectOptions & {
  database: Database;
  domain: PhoneDomain;
  /** Table of each type: `{ report: 'reports' }`. Its columns are named as the type's fields. */
  tables: Readonly<Record<string, string>>;
  /** Columns that hold JSON as text: sets. */
  json?: readonly string[];
  onVerdict?: (verdict: Verdict) => void;
  strategy?: WireAction['conflict_strategy'];
};

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A row of a table. The library's own types of rows and change sets say less than this. */
type DirtyRaw = { id: string } & Record<string, unknown>;
type Changes = Record<string, { created: DirtyRaw[]; updated: DirtyRaw[]; deleted: string[] }>;

/** An action and the row that it is about: the profile's action names no record. */
type Sent = { row: string; action: WireAction };
/** What a later pull has to look after: sent and undecided, or to be set right on the device. Kept in the database. */
type Open = Sent & { failed: boolean };
type Wrong = { type: string; entityId: string };
/** What a pull found, by type and id; null: it is gone. */
type Rows = Map<string, Map<string, DirtyRaw | null>>;

const OPEN = 'fieldsync_open';
const WRONG = 'fieldsync_wrong';

export type WatermelonSync = Pick<SyncArgs, 'pullChanges' | 'onDidPullChanges' | 'pushChanges' | 'conflictResolver' | 'sendCreatedAsUpdated' | 'database'> & {
  /** Actions without a final outcome, and records that still show what was refused. */
  pending: () => Promise<number>;
};

/** Arguments for `synchronize`. */
export function fieldsyncSync(options: WatermelonOptions): WatermelonSync {
  const { database, domain, tables, json = [], onVerdict = () => {} } = options;
  const direct = new Direct(options);
  const types = Object.keys(tables);
  const stored = async <T>(key: string) => JSON.parse(((await database.adapter.getLocal(key)) as string | null | undefined) ?? '[]') as T[];
  const store = (key: string, value: readonly unknown[]) => database.adapter.setLocal(key, JSON.stringify(value));

  async function rowsOf(type: string): Promise<Model[]> {
    return database.get(tables[type] ?? type).query().fetch();
  }

  async function scopeOf(type: string, id: string): Promise<unknown> {
    const row = await database.get(tables[type] ?? type).find(id).catch(() => undefined);
    return (row?._raw as unknown as DirtyRaw | undefined)?.['scope'];
  }

  /** Rows of the last pull, by type and id. */
  let pulled: Rows = new Map();

  /** Is this row's version behind for good? It keeps the one that its edit was based on, and nothing newer is to come. */
  function isBehind({ row, action }: Sent, { duplicate, version }: DirectResult): boolean {
    const seen = Number(pulled.get(action.entity_type)?.get(row)?.['version'] ?? 0);
    return duplicate === true || (version !== undefined && version <= seen);
  }

  /** Asks what became of what was undecided; gives the records that are to be set right. */
  async function hearOutcomes(): Promise<Wrong[]> {
    const open = await stored<Open>(OPEN);
    const wrong = await stored<Wrong>(WRONG);
    if (open.length === 0) return wrong;
    const results = await direct.outcomes(open.map(({ action }) => action.client_id));
    const lost = open.filter(({ action }) => results.get(action.client_id)?.status === 'unknown').map(({ action }) => action);
    for (const [id, result] of await direct.send(lost)) results.set(id, result);
    const judged = judge(open, results, new Set(open.filter(({ failed }) => failed).map(({ action }) => action.client_id)));
    await store(OPEN, judged.open);
    await store(WRONG, [...wrong, ...judged.wrong]);
    return [...wrong, ...judged.wrong];
  }

  function judge(sent: readonly Sent[], results: ReadonlyMap<string, DirectResult>, told: ReadonlySet<string>): { open: Open[]; wrong: Wrong[] } {
    const open: Open[] = [];
    const wrong: Wrong[] = [];
    for (const { row, action } of sent) {
      const result = results.get(action.client_id);
      const failed = result?.status === 'failed';
      if (!result || failed || result.status === 'queued') open.push({ row, action, failed });
      const isBad = failed || result?.status === 'conflict' || result?.status === 'rejected';
      if (result && isBad && !told.has(action.client_id)) onVerdict({ action, result });
      const isWrong = isBad || (result?.status === 'success' && isBehind({ row, action }, result));
      if (result && !failed && isWrong) wrong.push({ type: action.entity_type, entityId: row });
    }
    return { open, wrong };
  }

  async function pullChanges({ lastPulledAt }: { lastPulledAt?: number | undefined }) {
    const wrong = await hearOutcomes();
    const rows: Rows = new Map(types.map((type) => [type, new Map<string, DirtyRaw | null>()]));
    let since = lastPulledAt ? new Date(lastPulledAt).toISOString() : undefined;
    let page: DownloadPage;
    const fresh = new Set<unknown>();
    let forgotten = false;
    do {
      page = await direct.page({ since }, types, 1000);
      for (const { scope, reason } of page.reset) {
        fresh.add(scope);
        forgotten ||= reason === 'unknown';
      }
      for (const type of types) await take(type, page, rows.get(type) ?? new Map<string, DirtyRaw | null>());
      since = page.sync_timestamp;
    } while (page.has_more);
    for (const { type, entityId } of wrong) {
      const record = await direct.record(type, entityId);
      rows.get(type)?.set(entityId, typeof record === 'object' ? rawOf(type, record) : null);
    }
    for (const type of types) {
      for (const { _raw } of fresh.size > 0 ? await rowsOf(type) : []) {
        const raw = _raw as unknown as DirtyRaw;
        const isOld = fresh.has(raw['scope']) || (forgotten && raw['scope'] !== null);
        const isGone = isOld && !rows.get(type)?.has(raw.id) && raw['_status'] === 'synced';
        if (isGone) rows.get(type)?.set(raw.id, null);
      }
    }
    pulled = rows;
    return { changes: changeSet(rows), timestamp: Date.parse(page.sync_timestamp) };
  }

  async function take(type: string, page: DownloadPage, rows: Map<string, DirtyRaw | null>): Promise<void> {
    const { collection } = typeNamed(domain, type);
    for (const record of page.data[collection] ?? []) {
      const known = rows.get(record.entity_id);
      if (!known || Number(known['version']) < record.version || record.scope === record.home) rows.set(record.entity_id, rawOf(type, record));
    }
    for (const { entity_id, scope, reason } of page.deleted[collection] ?? []) {
      // Another scope may still show what left this one.
      const isGone = reason === 'deleted' || (rows.get(entity_id)?.['scope'] ?? (await scopeOf(type, entity_id))) === scope;
      if (isGone) rows.set(entity_id, null);
    }
  }

  function changeSet(rows: Rows): Changes {
    return Object.fromEntries(
      [...rows].map(([type, changed]) => {
        const updated = [...changed.values()].filter((raw) => raw !== null);
        const deleted = [...changed].filter(([, raw]) => raw === null).map(([id]) => id);
        return [tables[type] ?? type, { created: [], updated, deleted }];
      }),
    );
  }

  function rawOf(type: string, record: WireRecord): DirtyRaw {
    const fields = Object.keys(typeNamed(domain, type).fields).map((name): [string, Json] => {
      const value = record[name] ?? null;
      return [name, json.includes(name) ? JSON.stringify(value) : value];
    });
    const { entity_id: id, scope, home, version, id: server_id } = record;
    return { ...Object.fromEntries(fields), id, scope, home, version, server_id };
  }

  async function pushChanges({ changes }: { changes: Changes }): Promise<void> {
    const sent: Sent[] = [];
    for (const type of types) {
      const { created = [], updated = [], deleted = [] } = changes[tables[type] ?? type] ?? {};
      for (const raw of created) sent.push({ row: raw.id, action: written(type, raw, 'create') });
      for (const raw of updated) sent.push({ row: raw.id, action: written(type, raw, 'update') });
      for (const row of deleted) sent.push({ row, action: actionWith(type, 'delete', row, {}, {}) });
    }
    const results = await direct.send(sent.map(({ action }) => action));
    const judged = judge(sent, results, new Set());
    await store(OPEN, [...(await stored<Open>(OPEN)), ...judged.open]);
    await store(WRONG, [...(await stored<Wrong>(WRONG)), ...judged.wrong]);
  }

  function written(type: string, raw: DirtyRaw, op: 'create' | 'update'): WireAction {
    const changed = new Set(textOf(raw['_changed']).split(','));
    const fields = Object.keys(typeNamed(domain, type).fields).filter((name) => (op === 'create' ? raw[name] !== null : changed.has(name)));
    const data = Object.fromEntries(
      fields.map((name) => [name, (json.includes(name) ? JSON.parse(textOf(raw[name]) || 'null') : raw[name]) as Json]),
    );
    const { version, home } = raw as { version?: number | null; home?: string | null };
    return actionWith(type, op, String(raw['id']), { data }, { ...(version ? { base_version: version } : {}), ...(home ? { home } : {}) });
  }

  function actionWith(type: string, op: 'create' | 'update' | 'delete', id: string, content: { data?: JsonObject }, more: Partial<WireAction>): WireAction {
    const spec = typeNamed(domain, type);
    const single = spec.singletonId !== undefined;
    const ops = single && op !== 'delete' ? (['upsert'] as const) : ([op] as const);
    return {
      client_id: contentId(op, type, id, content.data ?? null, more.base_version ?? null),
      action_type: actionFor(domain, type, ops, content.data ?? {}),
      entity_type: type,
      timestamp: new Date().toISOString(),
      ...(single ? {} : { entity_id: id }),
      ...more,
      ...content,
      ...(options.strategy === undefined ? {} : { conflict_strategy: options.strategy }),
      ...(spec.schemaVersion === undefined ? {} : { schema_version: spec.schemaVersion }),
    };
  }

  /** What a row with unsent changes becomes when its record is pulled. */
  function afterPull(table: string, local: DirtyRaw, remote: DirtyRaw, resolved: DirtyRaw): DirtyRaw {
    if (local['_status'] === 'synced') return resolved;
    // An edit goes on being based on what its user saw: else somebody else's, pulled a moment ago, would be overwritten
    // unseen (P4).
    if (local['_status'] !== 'created') return { ...resolved, version: local['version'] };
    // It was created there already, and the answer was lost: whatever differs is an edit since.
    const type = types.find((name) => (tables[name] ?? name) === table) ?? table;
    const fields = Object.keys(typeNamed(domain, type).fields);
    const edited = fields.filter((name) => local[name] !== null && local[name] !== '' && local[name] !== remote[name]);
    if (edited.length === 0) return { ...resolved, _status: 'synced', _changed: '' };
    const kept = Object.fromEntries(edited.map((name) => [name, local[name]]));
    return { ...resolved, ...kept, version: null, _status: 'updated', _changed: edited.join(',') };
  }

  return {
    database,
    pullChanges: pullChanges as SyncArgs['pullChanges'],
    // Applied by now: until then what is wrong stays noted, in case the app is killed.
    onDidPullChanges: () => store(WRONG, []),
    pushChanges: pushChanges as NonNullable<SyncArgs['pushChanges']>,
    sendCreatedAsUpdated: true,
    conflictResolver: (table, local, remote, resolved) =>
      afterPull(table as string, local as DirtyRaw, remote as DirtyRaw, resolved as DirtyRaw) as ReturnType<NonNullable<SyncArgs['conflictResolver']>>,
    pending: async () => (await stored(OPEN)).length + (await stored(WRONG)).length,
  };
}
