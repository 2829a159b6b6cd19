import type { JsonObject } from '../protocol/json.ts';
import type { Strategy } from '../protocol/primitives.ts';
import { about, outcomeOf, rejected, stampOf, type Case, type Effect, type Planned } from './context.ts';
import { sees, type EntityType } from './domain.ts';
import { recordKey } from './keys.ts';
import type { ConflictRow, Decision, EntityRow } from './model.ts';
import { settledValues, valueOver } from './plan-write.ts';
import { changedRow, deletedRow, touchedRow } from './rows.ts';
import { pick, sameJson } from './value.ts';
import { checkData, checkRecord } from './validate.ts';

/**
 * A person's decision on a conflict, planned like any action (design 4, Resolve). It touches only the contested
 * fields and always makes a new version, so that every device downloads it. What changed since the conflict was shown
 * is never overwritten: `conflict_changed`, and the conflict is refreshed (P4).
 */
export function planResolution(c: Case, decision: Decision): Planned {
  const { actor } = c.acceptance;
  const conflict = c.view.conflict(decision.conflictUser, decision.conflictId);
  const mine = conflict && (conflict.user === actor.sub || actor.role === 'admin');
  if (!mine || conflict.home !== c.place.scope) return rejected(c, 'not_found');
  const type = c.engine.domain.types[conflict.type];
  const row = c.view.row(recordKey(conflict.home, conflict.home, conflict.type, conflict.entityId));
  if (!type || !row || !(actor.role === 'admin' || sees(actor, row))) return rejected(c, 'not_found');
  if (conflict.status === 'resolved') {
    const same = conflict.resolvedBy === actor.sub && conflict.strategy === decision.strategy && sameData(conflict, decision);
    const word = same ? { status: 'success' as const } : { status: 'conflict' as const, code: 'already_resolved' as const };
    return { outcome: outcomeOf(c, { ...word, ...about(row), conflictId: conflict.id }) };
  }
  const shown = decision.serverVersion ?? conflict.serverVersion;
  if (changedAfter(row, conflict, shown)) {
    const refreshed = refresh(c, conflict, row);
    const code = 'conflict_changed';
    return { outcome: outcomeOf(c, { status: 'conflict', ...about(row), conflictId: conflict.id, code }), conflict: refreshed };
  }
  return decide(c, type, conflict, row, decision);
}

function sameData(conflict: ConflictRow, decision: Decision): boolean {
  return decision.strategy !== 'manual' || sameJson(conflict.resolvedData, decision.resolvedData ?? null);
}

/** Did a contested field, or the record's existence, change after that version? */
function changedAfter(row: EntityRow, conflict: ConflictRow, version: number): boolean {
  if ((row.state === 'deleted') !== conflict.serverDeleted) return true;
  if (row.state === 'deleted' && row.version > version) return true;
  if (conflict.kind === 'delete_update' && row.version > version) return true;
  return [...conflict.fields, ...conflict.held].some((field) => (row.stamps?.[field]?.last.n ?? 0) > version);
}

function refresh(c: Case, conflict: ConflictRow, row: EntityRow): ConflictRow {
  const touched = [...conflict.fields, ...conflict.held, ...Object.keys(conflict.client ?? {}), ...Object.keys(conflict.server ?? {})];
  return {
    ...conflict,
    server: pick(row.fields, touched),
    serverDeleted: row.state === 'deleted',
    serverVersion: row.version,
    revision: conflict.revision + 1,
    n: c.place.n,
  };
}

function decide(c: Case, type: EntityType, conflict: ConflictRow, row: EntityRow, decision: Decision): Planned {
  const { strategy } = decision;
  const after = strategy === 'manual' ? byHand(c, type, conflict, row, decision) : byStrategy(c, type, conflict, row, strategy);
  if ('outcome' in after) return after;
  const changed = Object.keys(after.fields).filter((field) => !sameJson(after.fields[field], row.fields[field]));
  const errors = after.state === 'live' ? checkRecord(type, row.fields, after.fields, changed) : [];
  if (errors.length > 0) return rejected(c, 'validation_failed', errors);
  const touched = [...conflict.fields, ...conflict.held];
  const resolved: ConflictRow = {
    ...conflict,
    status: 'resolved',
    strategy,
    resolvedData: strategy === 'manual' ? (decision.resolvedData ?? null) : after.state === 'live' ? pick(after.fields, touched) : null,
    resolvedBy: c.acceptance.actor.sub,
    resolvedAt: c.place.at,
    revision: conflict.revision + 1,
    n: c.place.n,
  };
  const outcome = outcomeOf(c, { status: 'success', ...about(after), conflictId: conflict.id });
  return { outcome, row: after, conflict: resolved };
}

function byStrategy(c: Case, type: EntityType, conflict: ConflictRow, row: EntityRow, strategy: Strategy): EntityRow {
  const stamp = stampOf(c);
  if (strategy === 'server_wins') return touchedRow(row, stamp);
  if (conflict.client === null) return strategy === 'client_wins' ? deletedRow(row, stamp) : touchedRow(row, stamp);
  const client = conflict.client;
  if (row.state === 'deleted') {
    if (strategy === 'merge') return touchedRow(row, stamp);
    return changedRow(type, row, over(type, row, client), stamp);
  }
  const won = settledValues(c, type, row, conflict.fields, client, conflict.base, conflict.time, strategy);
  const held = over(type, row, pick(client, conflict.held));
  const values = { ...held, ...over(type, row, won) };
  return Object.keys(values).length > 0 ? changedRow(type, row, values, stamp) : touchedRow(row, stamp);
}

/** `manual`: the values that a person gave, for contested fields only; giving values brings a deleted record back. */
function byHand(c: Case, type: EntityType, conflict: ConflictRow, row: EntityRow, decision: Decision): EntityRow | Effect {
  const data = decision.resolvedData ?? {};
  const allowed = new Set([...conflict.fields, ...conflict.held, ...Object.keys(conflict.client ?? {})]);
  const foreign = Object.keys(data).filter((field) => !allowed.has(field));
  const errors = [
    ...foreign.map((field) => ({
      pointer: `/resolved_data/${field}`,
      code: 'field_not_contested',
      message: 'Only fields of the conflict can be decided.',
    })),
    ...checkData(type, { op: 'update', priority: 0, message: '' }, pick(data, allowed)).map((e) => ({
      ...e,
      pointer: e.pointer.replace('/data/', '/resolved_data/'),
    })),
  ];
  if (errors.length > 0) return rejected(c, 'validation_failed', errors) as Effect;
  const values = over(type, row, data);
  return Object.keys(values).length > 0 ? changedRow(type, row, values, stampOf(c)) : touchedRow(row, stampOf(c));
}

function over(type: EntityType, row: EntityRow, data: JsonObject): JsonObject {
  const values: JsonObject = {};
  for (const [field, value] of Object.entries(data)) values[field] = valueOver(type, row, field, value);
  return values;
}
