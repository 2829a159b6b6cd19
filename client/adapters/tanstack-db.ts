import type { CollectionConfig } from '@tanstack/db';
import type { Sync } from '../src/create-sync.ts';
import type { SyncRecord } from '../src/overlay.ts';
import type { JsonObject } from '../src/wire.ts';

// TanStack DB keeps collections in memory and has no queue that survives the app: here Fieldsync's SDK is both, and the
// collection is a live window on one type. What it can't express: operators ({$inc}, {$add}: call `sync.update` for them),
// conflicts and rejected actions (watch `sync.conflicts` and `sync.rejected`), and several records with one entity_id in
// different homes (the user's own is shown).

/** A row: a record as the SDK shows it. Inserts need `entity_id` (a new UUID) and the fields. */
export type Row<Fields extends object> = Partial<Omit<SyncRecord, keyof Fields>> & Fields & { entity_id: string };

/**
 * Options for `createCollection`. Mutations resolve once they are durable on the device and the row shows them; they reach
 * the server whenever the SDK syncs, so `isPersisted` does not mean that the server has them: that is `row.sync_status`.
 */
export function fieldsyncCollection<Fields extends object>(sync: Sync, type: string): CollectionConfig<Row<Fields>, string> & { schema?: never } {
  let show: (() => Promise<void>) | undefined;
  return {
    id: `fieldsync-${type}`,
    getKey: ({ entity_id }) => entity_id,
    sync: {
      rowUpdateMode: 'full',
      sync({ begin, write, commit, markReady }) {
        let shown = new Map<string, string>();
        let turn = Promise.resolve();
        const look = async () => {
          const rows = ownFirst(await sync.list(type));
          const next = new Map([...rows].map(([key, row]) => [key, JSON.stringify(row)]));
          begin();
          for (const key of shown.keys()) if (!next.has(key)) write({ type: 'delete', key });
          for (const [key, row] of rows) {
            // The SDK's records have the fields that the app put into them.
            if (shown.get(key) !== next.get(key)) write({ type: shown.has(key) ? 'update' : 'insert', value: row as unknown as Row<Fields> });
          }
          shown = next;
          // Not awaited: while a mutation is being saved, what was written shows only once that is done.
          void commit();
          markReady();
        };
        // One after the other: an older look must not come after a newer one.
        show = () => (turn = turn.then(look, look));
        const stop = sync.watch(type, {}, () => void show?.());
        return () => {
          stop();
          show = undefined;
        };
      },
    },
    async onInsert({ transaction }) {
      for (const { modified } of transaction.mutations) {
        const { entity_id: entityId, ...data } = modified;
        await sync.create(type, fieldsOf(data), { entityId });
      }
      await show?.();
    },
    async onUpdate({ transaction }) {
      for (const { key, changes } of transaction.mutations) await sync.update(type, String(key), fieldsOf(changes));
      await show?.();
    },
    async onDelete({ transaction }) {
      for (const { key } of transaction.mutations) await sync.delete(type, String(key));
      await show?.();
    },
  };
}

/** What belongs to the server and the SDK is not sent. */
const NOT_FIELDS: ReadonlySet<string> = new Set([
  'entity_id', 'type', 'id', 'version', 'scope', 'home', 'created_at', 'updated_at', 'created_by', 'updated_by', 'sync_status',
]);

function fieldsOf(row: object): JsonObject {
  return Object.fromEntries(Object.entries(row as JsonObject).filter(([name, value]) => !NOT_FIELDS.has(name) && value !== undefined));
}

function ownFirst(records: readonly SyncRecord[]): Map<string, SyncRecord> {
  const rows = new Map<string, SyncRecord>();
  const isOwn = (row: SyncRecord | undefined) => row?.scope === row?.home;
  for (const row of records) if (!rows.has(row.entity_id) || (isOwn(row) && !isOwn(rows.get(row.entity_id)))) rows.set(row.entity_id, row);
  return rows;
}
