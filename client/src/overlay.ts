import { applyOperator, operatorOf } from '../../src/engine/operators.ts';
import { newFields } from '../../src/engine/validate.ts';
import { typeNamed, type PhoneDomain, type PhoneType } from './domain.ts';
import type { HeldRow, OutboxRow } from './keys.ts';
import type { JsonObject, WireRecord } from './wire.ts';

/** Where a record stands: as on the server, changed here and not yet there, or kept by the server for an admin. */
export type SyncStatus = 'synced' | 'pending' | 'failed';

/** A record as the user sees it: what was downloaded, with what was done here over it. The fields of its type follow. */
export type SyncRecord<Fields extends object = JsonObject> = Fields & {
  entity_id: string;
  type: string;
  /** Its server_id, once it has one. */
  id: number | null;
  /** Of the downloaded record; null for one that is only here. */
  version: number | null;
  scope: string | null;
  home: string | null;
  created_at: string;
  updated_at: string;
  created_by: string | null;
  updated_by: string | null;
  sync_status: SyncStatus;
};

/** One record with everything that is known of it: its best copy, and the actions on it in the user's order. */
export type Thing = { type: string; entityId: string; held?: WireRecord; rows: OutboxRow[] };

/** Sorts copies and actions by the record they are about. Copies of one record in several scopes are one thing. */
export function thingsOf(domain: PhoneDomain, held: readonly HeldRow[], rows: readonly OutboxRow[]): Thing[] {
  const things = new Map<string, Thing>();
  for (const { record } of held) {
    const key = thingKey(domain, record.type, record.entity_id, record.home);
    const known = things.get(key);
    if (!known) things.set(key, { type: record.type, entityId: record.entity_id, held: record, rows: [] });
    else if (!known.held || isBetter(record, known.held)) known.held = record;
  }
  for (const row of rows) {
    const type = row.action.entity_type;
    if (!Object.hasOwn(domain.types, type)) continue;
    const key = thingKey(domain, type, row.entityId, row.home);
    const known = things.get(key);
    if (known) known.rows.push(row);
    else things.set(key, { type, entityId: row.entityId, rows: [row] });
  }
  return [...things.values()];
}

/** Ids are chosen by phones: two people's records may share one, and differ by their home (design 5). */
export function thingKey(domain: PhoneDomain, type: string, entityId: string, home: string | undefined): string {
  return typeNamed(domain, type).singletonId === undefined ? JSON.stringify([type, entityId, home ?? '']) : type;
}

/** The newer copy; of equal ones the home's own. */
function isBetter(a: WireRecord, b: WireRecord): boolean {
  return a.version > b.version || (a.version === b.version && a.scope === a.home && b.scope !== b.home);
}

/** The record as the user sees it; nothing: there is none, or it was deleted here. */
export function shown(domain: PhoneDomain, { type: typeName, entityId, held, rows }: Thing): SyncRecord | undefined {
  const type = typeNamed(domain, typeName);
  let fields: JsonObject | undefined = held;
  for (const row of rows) fields = after(type, fields, row);
  const [first] = rows;
  const last = rows.at(-1);
  if (!fields || (!held && !first)) return undefined;
  const at = (row: OutboxRow | undefined) => new Date(row?.at ?? 0).toISOString();
  return {
    ...fields,
    entity_id: held?.entity_id ?? entityId,
    type: typeName,
    id: held?.id ?? rows.find(({ serverId }) => serverId !== undefined)?.serverId ?? null,
    version: held?.version ?? null,
    scope: held?.scope ?? null,
    home: held?.home ?? rows.find(({ home }) => home !== undefined)?.home ?? null,
    created_at: held?.created_at ?? at(first),
    updated_at: last ? at(last) : (held?.updated_at ?? at(last)),
    created_by: held?.created_by ?? null,
    updated_by: last ? null : (held?.updated_by ?? null),
    sync_status: statusOf(rows),
  };
}

function statusOf(rows: readonly OutboxRow[]): SyncStatus {
  if (rows.some(({ state }) => state === 'failed')) return 'failed';
  return rows.some(({ state }) => state !== 'done') ? 'pending' : 'synced';
}

function after(type: PhoneType, before: JsonObject | undefined, { op, action }: OutboxRow): JsonObject | undefined {
  if (op === 'delete') return undefined;
  const data = lifted(type, action.data ?? {}, action.schema_version);
  if (!before) return op === 'update' ? undefined : newFields(type, data);
  const fields = { ...before };
  for (const [field, value] of Object.entries(data)) {
    const operator = operatorOf(type.fields[field] ?? { kind: 'scalar' }, value);
    fields[field] = operator ? applyOperator(operator, before[field]) : value;
  }
  return fields;
}

/** Data that an older app left behind, in today's form; as it was where nothing lifts it. */
function lifted(type: PhoneType, data: JsonObject, version = 1): JsonObject {
  const current = type.schemaVersion ?? 1;
  if (version >= current || !type.upcast) return data;
  return type.upcast(data, version) ?? data;
}
