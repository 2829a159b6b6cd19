import type { FieldError } from '../protocol/error-codes.ts';
import type { Json, JsonObject } from '../protocol/json.ts';
import { about, outcomeOf, type Case, type Effect, type View } from './context.ts';
import type { Domain, EntityType } from './domain.ts';
import { globalKey, recordKey } from './keys.ts';
import type { AcceptedAction, Attachment, AttachmentLink, AttachmentState, ConflictRow, EntityRow } from './model.ts';
import { operatorOf } from './operators.ts';
import { fault } from './validate.ts';

/** Fields of a type that name attachments. */
function fieldsOf(type: EntityType): string[] {
  return Object.keys(type.fields).filter((field) => type.fields[field]?.attachments);
}

/** Ids that a value of such a field adds or keeps. */
function idsIn(value: Json | undefined): string[] {
  const operator = value === undefined ? undefined : operatorOf({ kind: 'set' }, value);
  const items = operator ? (operator.op === 'add' ? operator.items : []) : Array.isArray(value) ? value : [];
  return items.filter((item) => typeof item === 'string');
}

/** Ids that data names, however it says so. */
function idsNamed(type: EntityType, data: JsonObject): string[] {
  return [...new Set(fieldsOf(type).flatMap((field) => (Object.hasOwn(data, field) ? idsIn(data[field]) : [])))];
}

/**
 * Attachments that must be read to plan an action: those that its data names, as sent or as the domain lifts it, and for
 * a decision those of the conflict. None for any other action.
 */
export function attachmentsToRead(domain: Domain, action: AcceptedAction, conflict: ConflictRow | undefined): string[] {
  const name = conflict?.type ?? action.entityType;
  const type = Object.hasOwn(domain.types, name) ? domain.types[name] : undefined;
  if (!type || action.refusal || fieldsOf(type).length === 0) return [];
  const { data, schemaVersion } = action;
  const lifted = data && schemaVersion !== undefined && schemaVersion < type.schemaVersion ? type.upcast?.(data, schemaVersion) : undefined;
  const named = [data, lifted, action.decision?.resolvedData, conflict?.client ?? undefined];
  return [...new Set(named.flatMap((values) => (values ? idsNamed(type, values) : [])))];
}

/**
 * Faults of data that names attachments which the record does not have: unknown ones, other people's, and those of
 * another record are all the same (P10). `users`: whose may be added.
 */
export function strangeAttachments(
  c: Case,
  type: EntityType,
  row: EntityRow | undefined,
  data: JsonObject,
  users: readonly string[],
): FieldError[] {
  const { place, action, view } = c;
  const key = globalKey(place.scope, row?.type ?? type.type, row?.entityId ?? action.entityId ?? '');
  const mayAdd = (found: Attachment | undefined) =>
    found !== undefined && users.includes(found.user) && (found.attachedTo === undefined || found.attachedTo === key);
  return fieldsOf(type)
    .filter((field) => Object.hasOwn(data, field))
    .filter((field) => idsIn(data[field]).some((id) => !holds(row, id) && !mayAdd(view.attachment(id))))
    .map((field) => fault(field, 'unknown_attachment', 'Names an attachment that you did not announce, or that belongs to another record.'));
}

function holds(row: EntityRow | undefined, id: string): boolean {
  return row?.attachments !== undefined && Object.hasOwn(row.attachments, id);
}

/** An effect whose record shows the state of each attachment that it names. */
export function withStates(c: Case, effect: Effect): Effect {
  const { row } = effect;
  const type = row && c.engine.domain.types[row.type];
  if (!row || !type) return effect;
  const fields = fieldsOf(type);
  if (fields.length === 0) return effect;
  const { attachments: known = {}, ...rest } = row;
  const ids = [...new Set(fields.flatMap((field) => idsIn(row.fields[field])))].sort();
  if (ids.length === 0) return { ...effect, row: rest };
  const states = ids.map((id) => [id, Object.hasOwn(known, id) ? known[id] : stateFor(row, c.view, id)] as const);
  return { ...effect, row: { ...rest, attachments: Object.fromEntries(states) as Record<string, AttachmentState> } };
}

/** What is not to be had for this record never will be seen there, such as what a decision brings back too late. */
function stateFor(row: EntityRow, view: View, id: string): AttachmentState {
  const found = view.attachment(id);
  const free = found?.attachedTo === undefined || found.attachedTo === globalKey(row.home, row.type, row.entityId);
  return found && free ? found.state : 'refused';
}

/** What the attachments of a record are told of its change; `before`: as the last commit left it. */
export function linksOf(before: EntityRow | undefined, row: EntityRow): AttachmentLink[] {
  const shown = (of: EntityRow | undefined) => (of?.state === 'live' ? (of.attachments ?? {}) : {});
  const [was, is] = [shown(before), shown(row)];
  const gone = Object.entries(was).filter(([id]) => !Object.hasOwn(is, id));
  const named = Object.entries(is).filter(([id, state]) => was[id] !== state);
  return [
    ...named.map(([id, state]) => ({ id, live: true, state })),
    ...gone.map(([id, state]) => ({ id, live: false, state })),
  ];
}

/** The server tells what became of an attachment: a new version of the record that names it, else nothing. */
export function planAttachmentState(c: Case, { id, state }: { id: string; state: AttachmentState }): Effect {
  const { action, place, view } = c;
  const row = view.row(recordKey(place.scope, place.scope, action.entityType, action.entityId ?? ''));
  if (row?.state !== 'live' || !holds(row, id) || row.attachments?.[id] === state) return { outcome: outcomeOf(c, { status: 'success' }) };
  const after: EntityRow = { ...row, version: place.n, n: place.n, attachments: { ...row.attachments, [id]: state } };
  return { outcome: outcomeOf(c, { status: 'success', ...about(after) }), row: after };
}
