import { operatorOf, sameValue } from '../../src/engine/operators.ts';
import { jsonBytes } from '../../src/engine/value.ts';
import { actionFor, NotOnDevice, typeNamed, type PhoneDomain, type PhoneType } from './domain.ts';
import { asJson, keys, META, type OutboxRow } from './keys.ts';
import { shown, thingsOf, type SyncRecord, type Thing } from './overlay.ts';
import { heldRows, outboxRows } from './rows.ts';
import type { StoreTx } from './store.ts';
import type { JsonObject, Strategy, WireAction } from './wire.ts';

/** Data and base of one action hold at most 64 KiB together (protocol.md, limits): rather no base than a refusal. */
const MOST_BYTES_WITH_BASE = 60 * 1024;

export type EditOptions = {
  /** The action type, where the domain has several that fit: `update_task_status`. */
  action?: string;
  /** Instead of the type's own. */
  strategy?: Strategy;
  /** Of the record, where several that the user sees share one id. */
  home?: string;
};

export type Edit = {
  op: 'create' | 'update' | 'delete';
  type: string;
  /** Of a create: the new id. Nothing: the user's one record of a singleton type. */
  entityId?: string | undefined;
  data: JsonObject;
  options: EditOptions;
};

/** What identifies an action and when it happened. */
export type Mark = { clientId: string; at: number };

/**
 * Puts what the user did into the outbox, in one transaction: with it the record is shown changed. The action says what
 * the user was looking at: the version that was downloaded, and as `base` the values that the screen showed (P4).
 * Resolves to nothing if nothing changes.
 */
export async function enqueue(tx: StoreTx, domain: PhoneDomain, edit: Edit, mark: Mark): Promise<OutboxRow | undefined> {
  const type = typeNamed(domain, edit.type);
  // A copy: the caller may go on changing the object. What is not JSON fails here, and not on its way.
  const given = JSON.parse(JSON.stringify(edit.data)) as JsonObject;
  const target = edit.op === 'create' ? undefined : await findThing(tx, domain, edit);
  const before = target && shown(domain, target);
  const upserts = edit.op === 'update' && type.singletonId !== undefined;
  if (edit.op === 'delete' && !before) return undefined;
  if (edit.op === 'update' && !before && !upserts) throw new NotOnDevice(edit.type, edit.entityId);
  const data = before && edit.op === 'update' ? changed(type, before, given) : given;
  if (edit.op === 'update' && Object.keys(data).length === 0) return undefined;
  const actionType = actionFor(domain, edit.type, edit.op === 'update' ? ['update', 'upsert'] : [edit.op], data, edit.options.action);
  const entityId = edit.entityId ?? before?.entity_id ?? mark.clientId;
  const home = edit.op === 'create' ? undefined : (before?.home ?? edit.options.home);
  const baseVersion = target && versionSeen(target);
  const base = before && edit.op === 'update' ? baseOf(type, before, data) : undefined;
  const strategy = edit.options.strategy ?? type.strategy;
  const action: WireAction = {
    client_id: mark.clientId,
    action_type: actionType,
    entity_type: edit.type,
    timestamp: new Date(mark.at).toISOString(),
    ...(type.singletonId === undefined || (before && before.version !== null) ? { entity_id: entityId } : {}),
    ...(home === undefined || home === null ? {} : { home }),
    ...(baseVersion === undefined ? {} : { base_version: baseVersion }),
    ...(base === undefined ? {} : { base }),
    ...(edit.op === 'delete' ? {} : { data }),
    ...(strategy === undefined ? {} : { conflict_strategy: strategy }),
    ...(type.schemaVersion === undefined ? {} : { schema_version: type.schemaVersion }),
  };
  const op = type.actions[actionType]?.op ?? edit.op;
  const row: OutboxRow = {
    seq: await nextSeq(tx),
    action,
    op,
    entityId,
    ...(home === undefined || home === null ? {} : { home }),
    at: mark.at,
    state: 'new',
  };
  await tx.put(keys.outbox(row.seq), asJson(row));
  return row;
}

/** The record that is meant: of several with one id the user's own, else the one with the lowest server id. */
export async function findThing(
  tx: StoreTx,
  domain: PhoneDomain,
  { type, entityId, options }: Pick<Edit, 'type' | 'entityId'> & { options?: EditOptions },
): Promise<Thing | undefined> {
  const single = typeNamed(domain, type).singletonId !== undefined;
  const prefix = single || entityId === undefined ? keys.typeRecords(type) : keys.entityRecords(type, entityId);
  const isMeant = (id: string) => single || id === entityId;
  const rows = (await outboxRows(tx)).filter(({ action, entityId: id }) => action.entity_type === type && isMeant(id));
  const held = await heldRows(tx, prefix);
  const things = thingsOf(domain, held, rows).filter((thing) => options?.home === undefined || homeOf(thing) === options.home);
  return things.sort((a, b) => rank(a) - rank(b))[0];
}

function homeOf({ held, rows }: Thing): string | undefined {
  return held?.home ?? rows.find(({ home }) => home !== undefined)?.home;
}

function rank({ held }: Thing): number {
  if (!held || held.scope === held.home) return 0;
  return held.id;
}

/** The newest version that certainly holds nothing this user has not seen: as downloaded, or as they created it. */
function versionSeen({ held, rows }: Thing): number | undefined {
  return held?.version ?? rows.find(({ op, state }) => op === 'create' && state === 'done')?.version;
}

/** Operators always change something; a value that the screen showed already does not. */
function changed(type: PhoneType, before: SyncRecord, data: JsonObject): JsonObject {
  const fields = Object.entries(data).filter(([field, value]) => !sameValue(type.fields[field], value, before[field]));
  return Object.fromEntries(fields);
}

/** What the screen showed of the fields that change, so that texts can be merged and equal values are no conflict. */
function baseOf(type: PhoneType, before: SyncRecord, data: JsonObject): JsonObject | undefined {
  const base: JsonObject = {};
  for (const [field, value] of Object.entries(data)) {
    if (operatorOf(type.fields[field] ?? { kind: 'scalar' }, value)) continue;
    base[field] = before[field] ?? null;
  }
  if (Object.keys(base).length === 0 || jsonBytes([data, base]) > MOST_BYTES_WITH_BASE) return undefined;
  return base;
}

async function nextSeq(tx: StoreTx): Promise<number> {
  const seq = (((await tx.get(META.seq)) as number | undefined) ?? 0) + 1;
  await tx.put(META.seq, seq);
  return seq;
}
