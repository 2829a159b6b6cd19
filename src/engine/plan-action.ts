import type { JsonObject } from '../protocol/json.ts';
import { TIMES } from '../protocol/limits.ts';
import { planAttachmentState, strangeAttachments } from './attachments.ts';
import { opened, settled, type Overlap } from './conflicts.ts';
import { about, authorOf, outcomeOf, rejected, stampOf, strategyOf, type Case, type Planned } from './context.ts';
import { sees, type ActionSpec, type EntityType } from './domain.ts';
import { recordKey } from './keys.ts';
import type { Actor, EntityRow } from './model.ts';
import { planResolution } from './plan-resolution.ts';
import { planOnTombstone, planWrite } from './plan-write.ts';
import { createdRow, deletedRow } from './rows.ts';
import { sameValue } from './operators.ts';
import { changedSince, fieldsChangedByOthers } from './stamps.ts';
import { pick } from './value.ts';
import { checkData, checkRecord, fault, newFields, touchedData } from './validate.ts';

/**
 * What one accepted action does to the state before it. A refusal is an outcome, never an exception (P1): poison must
 * not block a queue. Pure; the same case gives the same plan.
 */
export function planAction(c: Case): Planned {
  const { action, acceptance } = c;
  if (acceptance.discard) return rejected(c, 'discarded');
  if (action.refusal) {
    if (action.refusal.code === 'noop') return { outcome: outcomeOf(c, { status: 'success' }) };
    return rejected(c, action.refusal.code, action.refusal.errors);
  }
  if (action.decision) return planResolution(c, action.decision);
  if (action.attachment) return planAttachmentState(c, action.attachment);
  const type = ownValue(c.engine.domain.types, action.entityType);
  const spec = type && ownValue(type.actions, action.actionType);
  if (!type || !spec || action.entityId === undefined) return rejected(c, 'unknown_action');
  const row = c.view.row(recordKey(c.place.scope, c.place.scope, type.type, action.entityId));
  const based = rebased(c, type, row);
  if (spec.op === 'delete') return planDelete(based, type, row);

  const data = upcastData(type, action.data ?? {}, action.schemaVersion);
  if (!data) return rejected(c, 'unsupported_schema_version');
  // A create has no record that its base could be of.
  const touched = touchedData(type, data, spec.op === 'create' ? undefined : based.action.base);
  const errors = checkData(type, spec, touched);
  if (errors.length > 0) return rejected(c, 'validation_failed', errors);
  if (spec.op === 'create' || (spec.op === 'upsert' && !row)) return planCreate(based, type, row, touched, action.entityId);
  return planUpdate(based, type, spec, row, touched);
}

/** Lifts data to the server's schema version; nothing when it can't. */
export function upcastData(type: EntityType, data: JsonObject, version: number | undefined): JsonObject | undefined {
  const from = version ?? type.schemaVersion;
  if (from === type.schemaVersion) return data;
  return from > type.schemaVersion ? undefined : type.upcast?.(data, from);
}

/** Everyone whose rights count: the author, and after 30 days in the dead letters also who redrives. */
function judges({ acceptance, place }: Case): Actor[] {
  const late = place.at - acceptance.acceptedAt > TIMES.redriveOwnRightsMs;
  const redriver = late ? acceptance.redrivenBy : undefined;
  return redriver && redriver.role !== 'admin' ? [acceptance.actor, redriver] : [acceptance.actor];
}

function visible(c: Case, row: EntityRow | undefined): row is EntityRow {
  return row !== undefined && row.state !== 'left' && judges(c).every((actor) => sees(actor, row));
}

function planCreate(
  c: Case,
  type: EntityType,
  row: EntityRow | undefined,
  data: JsonObject,
  entityId: string,
): Planned {
  const fields = newFields(type, data);
  const barred = Object.keys(data).filter((field) => type.notAtCreation?.has(field));
  if (barred.length > 0) return forbiddenFields(c, barred);
  if (!judges(c).every((actor) => type.mayCreate(actor, fields))) return rejected(c, 'forbidden');
  const errors = [...checkRecord(type, undefined, fields, Object.keys(data)), ...strangeAttachments(c, type, row, data, [c.acceptance.actor.sub])];
  if (errors.length > 0) return rejected(c, 'validation_failed', errors);
  if (row) {
    const changed = pick(data, Object.keys(data).filter((field) => !sameValue(type.fields[field], data[field], row.fields[field])));
    const foreign = barredFields(c, type, row, changed);
    if (foreign.length > 0) return forbiddenFields(c, foreign);
    return row.state === 'live' ? planWrite(c, type, row, data, 'create') : planOnTombstone(c, type, row, data, 'create');
  }
  const created = createdRow(type, entityId, fields, stampOf(c), c.place.scope, c.place.takeServerId());
  return { outcome: outcomeOf(c, { status: 'success', ...about(created) }), row: created };
}

function planUpdate(
  c: Case,
  type: EntityType,
  spec: ActionSpec,
  row: EntityRow | undefined,
  data: JsonObject,
): Planned {
  if (!visible(c, row)) return rejected(c, 'not_found');
  const barred = barredFields(c, type, row, data);
  if (barred.length > 0) return forbiddenFields(c, barred);
  const fixed = Object.keys(data).filter((field) => {
    const fieldSpec = type.fields[field];
    return fieldSpec?.immutable && !sameValue(fieldSpec, data[field], row.fields[field]);
  });
  if (fixed.length > 0) {
    return rejected(c, 'validation_failed', fixed.map((field) => fault(field, 'immutable', 'This field cannot change.')));
  }
  const strange = strangeAttachments(c, type, row, data, [c.acceptance.actor.sub]);
  if (strange.length > 0) return rejected(c, 'validation_failed', strange);
  if (row.state === 'deleted') return planOnTombstone(c, type, row, data, 'update');
  return planWrite(c, type, row, data, spec.op === 'upsert' ? 'upsert' : 'update');
}

/**
 * The action with a base that can be judged: old values lifted like the data; a version above the record's can't have
 * been seen and says nothing (design 5).
 */
function rebased(c: Case, type: EntityType, row: EntityRow | undefined): Case {
  const { base, baseVersion, ...action } = c.action;
  const lifted = base && upcastData(type, base, action.schemaVersion);
  const unknown = baseVersion === undefined || (row !== undefined && baseVersion > row.version);
  return { ...c, action: { ...action, ...(lifted ? { base: lifted } : {}), ...(unknown ? {} : { baseVersion }) } };
}

/** Fields that someone whose rights count may not change on this record. */
function barredFields(c: Case, type: EntityType, row: EntityRow, data: JsonObject): string[] {
  return Object.keys(data).filter((field) =>
    judges(c).some((actor) => {
      const editable = type.editable(actor, row);
      return editable !== 'all' && !editable.has(field);
    }),
  );
}

function forbiddenFields(c: Case, fields: string[]): Planned {
  const errors = fields.map((field) => fault(field, 'forbidden', 'You may not set this field.'));
  return rejected(c, 'forbidden', errors);
}

/** Deleting what is gone, unknown or not visible succeeds without effect; deleting what others changed is a conflict. */
function planDelete(c: Case, type: EntityType, row: EntityRow | undefined): Planned {
  if (!visible(c, row)) return { outcome: outcomeOf(c, { status: 'success' }) };
  if (row.state === 'deleted') return { outcome: outcomeOf(c, { status: 'success', ...about(row) }) };
  if (!judges(c).every((actor) => type.mayDelete(actor, row))) return rejected(c, 'forbidden');
  const author = authorOf(c);
  const stamps = [...Object.values(row.stamps ?? {}).flatMap((s) => (s.other ? [s.last, s.other] : [s.last]))];
  const later = changedSince(c.action, author, stamps) === 'own-later';
  const base = c.action.base ?? {};
  const fields = fieldsChangedByOthers(c.action, author, row)
    .filter((field) => !Object.hasOwn(base, field) || !sameValue(type.fields[field], base[field], row.fields[field]))
    .sort();
  const strategy = strategyOf(c);
  const overlap: Overlap = { kind: 'delete_update', row, fields, client: null, before: row };
  if (later) {
    const record = settled(c, overlap, { strategy: null, resolvedData: null });
    return {
      outcome: outcomeOf(c, { status: 'conflict', ...about(row), conflictId: record.id, resolution: 'superseded' }),
      conflict: record,
    };
  }
  const gone = deletedRow(row, stampOf(c));
  if (fields.length === 0) return { outcome: outcomeOf(c, { status: 'success', ...about(gone) }), row: gone };
  if (strategy === 'client_wins') {
    const record = settled(c, { ...overlap, row: gone }, { strategy, resolvedData: null });
    return {
      outcome: outcomeOf(c, { status: 'success', ...about(gone), conflictId: record.id, resolution: strategy }),
      row: gone,
      conflict: record,
    };
  }
  const open = strategy === undefined || strategy === 'manual';
  // `merge` has nothing to merge a delete with: the other's edit stands.
  const record = open ? opened(c, overlap) : settled(c, overlap, { strategy, resolvedData: null });
  if ('need' in record) return record;
  const resolution = open ? 'unresolved' : 'server_wins';
  return {
    outcome: outcomeOf(c, { status: 'conflict', ...about(row), conflictId: record.id, resolution }),
    conflict: record,
  };
}

function ownValue<T>(table: Record<string, T>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
