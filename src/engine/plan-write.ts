import type { Json, JsonObject } from '../protocol/json.ts';
import type { ConflictKind, Strategy } from '../protocol/primitives.ts';
import { opened, settled, type Overlap } from './conflicts.ts';
import { about, authorOf, outcomeOf, rejected, stampOf, strategyOf, type Case, type Effect, type Planned } from './context.ts';
import type { EntityType } from './domain.ts';
import { mergeField } from './merge.ts';
import type { EntityRow, Outcome } from './model.ts';
import { applyOperator, operatorOf, sameValue } from './operators.ts';
import { changedRow } from './rows.ts';
import { changedSince, fieldsChangedByOthers, stampsOf } from './stamps.ts';
import { pick } from './value.ts';
import { checkRecord } from './validate.ts';

/** What the action means for each field that it sends (the table of design 5). */
type Verdicts = { apply: JsonObject; overlapping: string[]; superseded: string[] };

/** How existing data is met: `create` meets it blindly, `upsert` may not have seen the creation. */
export type Meeting = 'update' | 'upsert' | 'create';

function judge(c: Case, type: EntityType, row: EntityRow, data: JsonObject, meeting: Meeting): Verdicts {
  const verdicts: Verdicts = { apply: {}, overlapping: [], superseded: [] };
  const author = authorOf(c);
  for (const [field, value] of Object.entries(data)) {
    const spec = type.fields[field];
    if (!spec) continue;
    const current = row.fields[field];
    const operator = operatorOf(spec, value);
    const next = operator ? applyOperator(operator, current) : value;
    if (sameValue(spec, next, current)) continue;
    const since = changedSince(c.action, author, stampsOf(row, field, meeting !== 'update'));
    const knownBase = c.action.base && Object.hasOwn(c.action.base, field) ? c.action.base[field] : undefined;
    if (operator?.op === 'inc') verdicts.apply[field] = next;
    else if (since === 'own-later') verdicts.superseded.push(field);
    else if (operator) verdicts.apply[field] = next;
    else if (meeting === 'create') verdicts.overlapping.push(field);
    else if (since === 'others' && !(knownBase !== undefined && sameValue(spec, knownBase, current))) {
      verdicts.overlapping.push(field);
    } else verdicts.apply[field] = next;
  }
  verdicts.overlapping.sort();
  verdicts.superseded.sort();
  return verdicts;
}

/** The values that a strategy gives to the overlapping fields, or nothing where the server's stand. */
export function settledValues(
  c: Pick<Case, 'engine'>,
  type: EntityType,
  row: EntityRow,
  fields: readonly string[],
  mine: JsonObject,
  base: JsonObject | null | undefined,
  time: number,
  strategy: Strategy | undefined,
): JsonObject {
  if (strategy === 'client_wins') return pick(mine, fields.filter((field) => !type.fields[field]?.immutable));
  if (strategy !== 'merge') return {};
  const values: JsonObject = {};
  for (const field of fields) {
    const spec = type.fields[field];
    const value = mine[field];
    if (!spec || value === undefined) continue;
    const operator = operatorOf(spec, value);
    const stamp = row.stamps?.[field]?.last ?? row.created;
    const merged = operator
      ? applyOperator(operator, row.fields[field])
      : mergeField(
          spec,
          { base: base?.[field], mine: value, theirs: row.fields[field], mineIsLater: time > (stamp?.time ?? 0) },
          c.engine.compareLines,
        );
    if (!sameValue(spec, merged, row.fields[field])) values[field] = merged;
  }
  return values;
}

/**
 * Writes data onto a live record: fields that nobody else touched are applied, overlaps are settled by the strategy,
 * and what loses is kept in a conflict (P4). Rights and values were checked before.
 */
export function planWrite(c: Case, type: EntityType, row: EntityRow, data: JsonObject, meeting: Meeting): Planned {
  const { apply, overlapping, superseded } = judge(c, type, row, data, meeting);
  const strategy = strategyOf(c);
  const kind: ConflictKind = meeting === 'create' ? 'create_create' : 'update_update';
  const waits = strategy === 'manual' && overlapping.length > 0;
  const held = waits ? Object.keys(apply).sort() : [];
  const won = settledValues(c, type, row, overlapping, data, c.action.base, c.action.time, strategy);
  const values = waits ? {} : { ...apply, ...won };

  const changed = Object.keys(values);
  const after = changed.length > 0 ? changedRow(type, row, values, stampOf(c)) : row;
  if (changed.length > 0) {
    const errors = checkRecord(type, row.fields, after.fields, changed);
    if (errors.length > 0) {
      if (strategy !== 'merge' || overlapping.length === 0) return rejected(c, 'validation_failed', errors);
      // Two good values may merge into none, such as a set too large: then a person decides (P4).
      const { strategy: _, ...action } = c.action;
      return planWrite({ ...c, action }, type, row, data, meeting);
    }
  }
  const write = after === row ? {} : { row: after };
  const mergedFlag =
    changed.length > 0 && (overlapping.length > 0 || fieldsChangedByOthers(c.action, authorOf(c), row).length > 0)
      ? { merged: true as const }
      : {};
  const word = (status: Outcome['status'], more: Partial<Outcome> = {}): Outcome =>
    outcomeOf(c, { status, ...about(after), ...mergedFlag, ...more });

  if (overlapping.length === 0 && superseded.length === 0) return { outcome: word('success'), ...write };
  const overlap: Overlap = { kind, row: after, fields: overlapping, held, client: data, before: row };

  if (overlapping.length === 0) {
    const record = settled(c, { ...overlap, fields: superseded }, { strategy: null, resolvedData: pick(row.fields, superseded) });
    return { outcome: word('conflict', { conflictId: record.id, resolution: 'superseded' }), conflict: record, ...write };
  }
  if (strategy === undefined || strategy === 'manual') {
    const record = opened(c, overlap);
    if ('need' in record) return record;
    return { outcome: word('conflict', { conflictId: record.id, resolution: 'unresolved' }), conflict: record, ...write };
  }
  const resolvedData = pick(after.fields, overlapping);
  const record = settled(c, overlap, { strategy, resolvedData });
  const wins = strategy !== 'server_wins';
  return {
    outcome: word(wins ? 'success' : 'conflict', { conflictId: record.id, resolution: strategy }),
    conflict: record,
    ...write,
  };
}

/**
 * An update, or a create, that meets a tombstone: nothing comes back from the dead unless `client_wins` says so (P9).
 */
export function planOnTombstone(c: Case, type: EntityType, row: EntityRow, data: JsonObject, meeting: Meeting): Planned {
  const strategy = strategyOf(c);
  const kind: ConflictKind = meeting === 'create' ? 'create_create' : 'update_delete';
  const fields = Object.keys(data).sort();
  const overlap: Overlap = { kind, row, fields, client: data, before: row };
  const author = authorOf(c);
  const end = (outcome: Partial<Outcome>, conflict: NonNullable<Effect['conflict']>, after?: EntityRow): Effect => ({
    outcome: outcomeOf(c, { status: 'conflict', ...about(after ?? row), conflictId: conflict.id, ...outcome }),
    conflict,
    ...(after ? { row: after } : {}),
  });
  if (row.gone && changedSince(c.action, author, [row.gone]) === 'own-later') {
    return end({ resolution: 'superseded' }, settled(c, overlap, { strategy: null, resolvedData: null }));
  }
  if (strategy === 'client_wins') {
    const after = revived(type, row, data, c);
    const errors = checkRecord(type, row.fields, after.fields, fields);
    if (errors.length > 0) return rejected(c, 'validation_failed', errors);
    const record = settled(c, { ...overlap, row: after }, { strategy, resolvedData: pick(after.fields, fields) });
    return end({ status: 'success', resolution: strategy }, record, after);
  }
  if (strategy === 'server_wins' || strategy === 'merge') {
    // There is nothing to merge with: the delete stands.
    return end({ resolution: 'server_wins' }, settled(c, overlap, { strategy, resolvedData: null }));
  }
  const record = opened(c, overlap);
  return 'need' in record ? record : end({ resolution: 'unresolved' }, record);
}

/** The last image with the action's values over it; operators apply to the last image. */
function revived(type: EntityType, row: EntityRow, data: JsonObject, c: Case): EntityRow {
  const values: JsonObject = {};
  for (const [field, value] of Object.entries(data)) values[field] = valueOver(type, row, field, value);
  return changedRow(type, row, values, stampOf(c));
}

export function valueOver(type: EntityType, row: EntityRow, field: string, value: Json): Json {
  const spec = type.fields[field];
  const operator = spec && operatorOf(spec, value);
  return operator ? applyOperator(operator, row.fields[field]) : value;
}
