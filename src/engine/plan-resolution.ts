import type { FieldError } from '../protocol/error-codes.ts';
import type { JsonObject } from '../protocol/json.ts';
import type { Strategy } from '../protocol/primitives.ts';
import { strangeAttachments } from './attachments.ts';
import { refreshed } from './conflicts.ts';
import { about, outcomeOf, rejected, stampOf, type Case, type Effect, type Planned } from './context.ts';
import { sees, type EntityType } from './domain.ts';
import { recordKey } from './keys.ts';
import type { ConflictRow, Decision, EntityRow } from './model.ts';
import { sameValue } from './operators.ts';
import { settledValues, valueOver } from './plan-write.ts';
import { changedRow, deletedRow, touchedRow } from './rows.ts';
import { pick, sameJson } from './value.ts';
import { checkData, checkRecord, fault } from './validate.ts';

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
  if (!type || (row && !(actor.role === 'admin' || sees(actor, row)))) return rejected(c, 'not_found');
  if (conflict.status === 'resolved') {
    const same = conflict.resolvedBy === actor.sub && conflict.strategy === decision.strategy && sameData(conflict, decision);
    const word = same ? { status: 'success' as const } : { status: 'conflict' as const, code: 'already_resolved' as const };
    return { outcome: outcomeOf(c, { ...word, ...(row ? about(row) : lastKnown(conflict)), conflictId: conflict.id }) };
  }
  if (!row) return decideOnForgotten(c, conflict, decision);
  const told = decision.serverVersion ?? conflict.serverVersion;
  // A version above the record's can't have been seen: like an unknown base (design 5).
  const shown = told > row.version ? conflict.serverVersion : told;
  if (changedAfter(row, conflict, shown)) {
    const code = 'conflict_changed';
    const now = { ...refreshed(conflict, row, c.place.n), revision: conflict.revision + 1 };
    return { outcome: outcomeOf(c, { status: 'conflict', ...about(row), conflictId: conflict.id, code }), conflict: now };
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

/** A conflict outlives the tombstone of its record: then nothing is left to bring back, and nobody to tell. */
function decideOnForgotten(c: Case, conflict: ConflictRow, { strategy }: Decision): Planned {
  if (strategy !== 'server_wins') {
    const message = 'The record was deleted long ago and is forgotten: only server_wins can settle this.';
    return rejected(c, 'validation_failed', [{ pointer: '/strategy', code: 'record_forgotten', message }]);
  }
  const outcome = outcomeOf(c, { status: 'success', ...lastKnown(conflict), conflictId: conflict.id });
  return { outcome, conflict: resolvedAs(c, conflict, strategy, null) };
}

function lastKnown({ entityId, home, serverId, serverVersion }: ConflictRow): ReturnType<typeof about> {
  return { entityId, home, serverId, version: serverVersion };
}

function resolvedAs(c: Case, conflict: ConflictRow, strategy: Strategy, resolvedData: JsonObject | null): ConflictRow {
  const resolvedBy = c.acceptance.actor.sub;
  const revision = conflict.revision + 1;
  return { ...conflict, status: 'resolved', strategy, resolvedData, resolvedBy, resolvedAt: c.place.at, revision, n: c.place.n };
}

function decide(c: Case, type: EntityType, conflict: ConflictRow, row: EntityRow, decision: Decision): Planned {
  const { strategy } = decision;
  const after = strategy === 'manual' ? byHand(c, type, conflict, row, decision) : byStrategy(c, type, conflict, row, strategy);
  if ('outcome' in after) return after;
  const changed = Object.keys(after.fields).filter((field) => !sameJson(after.fields[field], row.fields[field]));
  const faults = after.state === 'live' ? checkRecord(type, row.fields, after.fields, changed) : [];
  const errors = [...barred(c, type, row, after, changed), ...faults];
  if (errors.length > 0) return rejected(c, 'validation_failed', errors.map(decided));
  const touched = [...conflict.fields, ...conflict.held];
  const left = after.state === 'live' ? pick(after.fields, touched) : null;
  const resolved = resolvedAs(c, conflict, strategy, strategy === 'manual' ? (decision.resolvedData ?? null) : left);
  const outcome = outcomeOf(c, { status: 'success', ...about(after), conflictId: conflict.id });
  return { outcome, row: after, conflict: resolved };
}

/** What the one who decides may not do to the record as it now is; admins may settle anything (P10). */
function barred(c: Case, type: EntityType, row: EntityRow, after: EntityRow, changed: string[]): FieldError[] {
  const { actor } = c.acceptance;
  if (actor.role === 'admin') return [];
  const deletes = row.state === 'live' && after.state === 'deleted';
  if (deletes && !type.mayDelete(actor, row)) {
    return [{ pointer: '/strategy', code: 'forbidden', message: 'You may not delete this record.' }];
  }
  const editable = type.editable(actor, row);
  return changed
    .filter((field) => editable !== 'all' && !editable.has(field))
    .map((field) => fault(field, 'forbidden', 'You may not set this field.'));
}

/** Faults of a decision point into its request. */
function decided(error: FieldError): FieldError {
  return { ...error, pointer: error.pointer.replace('/data/', '/resolved_data/') };
}

function byStrategy(c: Case, type: EntityType, conflict: ConflictRow, row: EntityRow, strategy: Strategy): EntityRow {
  const stamp = stampOf(c);
  if (strategy === 'server_wins') return touchedRow(row, stamp);
  if (conflict.client === null) return strategy === 'client_wins' ? deletedRow(row, stamp) : touchedRow(row, stamp);
  const client = conflict.client;
  if (row.state === 'deleted') {
    if (strategy === 'merge') return touchedRow(row, stamp);
    return changedRow(type, row, over(type, row, pick(client, [...conflict.fields, ...conflict.held])), stamp);
  }
  const won = settledValues(c, type, row, conflict.fields, client, conflict.base, conflict.time, strategy);
  const held = over(type, row, pick(client, conflict.held));
  const values = { ...held, ...over(type, row, won) };
  return Object.keys(values).length > 0 ? changedRow(type, row, values, stamp) : touchedRow(row, stamp);
}

/** `manual`: the values that a person gave, for contested fields only; giving values brings a deleted record back. */
function byHand(c: Case, type: EntityType, conflict: ConflictRow, row: EntityRow, decision: Decision): EntityRow | Effect {
  const data = decision.resolvedData ?? {};
  // Others may have changed the rest of the action's fields since: those were never in question.
  const contested = new Set([...conflict.fields, ...conflict.held]);
  // Who sends the whole record back has not decided the fields that it already holds.
  const foreign = Object.keys(data).filter(
    (field) => !contested.has(field) && !sameValue(type.fields[field], data[field], row.fields[field]),
  );
  const errors = [
    ...foreign.map((field) => fault(field, 'field_not_contested', 'Only fields of the conflict can be decided.')),
    ...checkData(type, { op: 'update', priority: 0, message: '' }, pick(data, contested)),
    ...strangeAttachments(c, type, row, pick(data, contested), [c.acceptance.actor.sub, conflict.user]),
  ];
  if (errors.length > 0) return rejected(c, 'validation_failed', errors.map(decided));
  const values = over(type, row, pick(data, contested));
  return Object.keys(values).length > 0 ? changedRow(type, row, values, stampOf(c)) : touchedRow(row, stampOf(c));
}

function over(type: EntityType, row: EntityRow, data: JsonObject): JsonObject {
  const values: JsonObject = {};
  for (const [field, value] of Object.entries(data)) values[field] = valueOver(type, row, field, value);
  return values;
}
