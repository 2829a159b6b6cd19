import { sameJson } from '../../src/engine/value.ts';
import type { SyncRecord } from './overlay.ts';
import type { Json } from './wire.ts';

/** A test of one field. A plain value stands for `{ is: value }`; a missing field counts as null. */
export type Condition =
  | Json
  | { is: Json }
  | { not: Json }
  | { in: readonly Json[] }
  /** The field is a set that has this item. */
  | { has: Json }
  /** Numbers by size, texts by their characters; both bounds included. */
  | { from?: number | string; to?: number | string };

/** Which records, and in what order. All conditions must hold. */
export type Query = {
  where?: Readonly<Record<string, Condition>>;
  /** Default: `created_at`. Records that are equal in it are ordered by `entity_id`. */
  orderBy?: string;
  descending?: boolean;
  limit?: number;
};

export function select(records: readonly SyncRecord[], query: Query): SyncRecord[] {
  const tests = Object.entries(query.where ?? {});
  const field = query.orderBy ?? 'created_at';
  const sign = query.descending ? -1 : 1;
  return records
    .filter((record) => tests.every(([name, condition]) => holds(record[name] ?? null, condition)))
    .sort((a, b) => sign * compare(a[field] ?? null, b[field] ?? null) || compare(a.entity_id, b.entity_id))
    .slice(0, query.limit);
}

function holds(value: Json, condition: Condition): boolean {
  if (condition === null || typeof condition !== 'object' || Array.isArray(condition)) return sameJson(value, condition as Json);
  if ('is' in condition) return sameJson(value, condition.is as Json);
  if ('not' in condition) return !sameJson(value, condition.not as Json);
  if ('in' in condition) return (condition.in as readonly Json[]).some((item) => sameJson(value, item));
  if ('has' in condition) return Array.isArray(value) && value.some((item) => sameJson(item, condition.has as Json));
  const { from, to } = condition as { from?: number | string; to?: number | string };
  if (value === null) return false;
  return (from === undefined || compare(value, from) >= 0) && (to === undefined || compare(value, to) <= 0);
}

/** Null first, then numbers and booleans, then texts; whatever else is equal. */
function compare(a: Json, b: Json): number {
  const kinds = kindOf(a) - kindOf(b);
  if (kinds !== 0) return kinds;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : Number(a > b);
  return kindOf(a) === 1 ? Number(a) - Number(b) : 0;
}

function kindOf(value: Json): number {
  if (value === null) return 0;
  if (typeof value === 'number' || typeof value === 'boolean') return 1;
  return typeof value === 'string' ? 2 : 3;
}
