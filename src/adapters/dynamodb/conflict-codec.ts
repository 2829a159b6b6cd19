import type { ConflictRow } from '../../engine/model.ts';
import { fromAttributes, toAttributes } from './attributes.ts';
import type { Item } from './table.ts';

/** Users' data: stored as JSON text, whatever its keys are. */
const DATA = ['base', 'client', 'server', 'resolvedData'] as const;

/** May be null, which is stored as absent. */
const NULLABLE = ['baseVersion', 'strategy', 'resolvedBy', 'resolvedAt', ...DATA] as const;

const NAMES = {
  id: 'conflict_id',
  device: 'device_id',
  type: 'entity_type',
  fields: 'conflicting_fields',
  held: 'held_fields',
  base: 'base_data',
  client: 'client_data',
  server: 'server_data',
  time: 'action_time',
} as const;

/** A conflict in plain attributes. Only while it is unresolved it has `open`, and so a place in the index. */
export function conflictToItem(row: ConflictRow): Item {
  const data = Object.fromEntries(DATA.map((name) => [name, row[name] === null ? null : JSON.stringify(row[name])]));
  return {
    ...toAttributes({ ...row, ...data }, NAMES),
    // Unique, so that the index has one order.
    detected_at: `${new Date(row.detectedAt).toISOString()}#${row.id}#${row.user}`,
    ...(row.status === 'unresolved' ? { open: 'open' } : {}),
  };
}

export function conflictOf(item: Item): ConflictRow {
  const { open: _, detected_at: detected, ...attributes } = item;
  const row = fromAttributes(attributes, NAMES);
  const data = Object.fromEntries(
    DATA.flatMap((name) => (typeof row[name] === 'string' ? [[name, JSON.parse(row[name]) as unknown]] : [])),
  );
  const nulls = Object.fromEntries(NULLABLE.map((name) => [name, null]));
  const detectedAt = Date.parse(String(detected).slice(0, String(detected).indexOf('#')));
  return { ...nulls, ...row, ...data, detectedAt } as ConflictRow;
}
