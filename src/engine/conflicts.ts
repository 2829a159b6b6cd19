import { LIMITS } from '../protocol/limits.ts';
import type { Json, JsonObject } from '../protocol/json.ts';
import type { ConflictKind, Strategy } from '../protocol/primitives.ts';
import { authorOf, type Case, type Pointer } from './context.ts';
import type { FieldSpec } from './domain.ts';
import { pointerKey } from './keys.ts';
import type { ConflictRow, EntityRow } from './model.ts';
import { applyOperator, composed, operatorOf } from './operators.ts';
import { pick } from './value.ts';

/** What an overlap is about; the record is as it stands after the action. */
export type Overlap = {
  kind: ConflictKind;
  row: EntityRow;
  fields: string[];
  held?: string[];
  /** The action's data; null for a delete. */
  client: JsonObject | null;
  /** The record before the action, for `server_data`. */
  before: EntityRow;
};

/** How a strategy settled it, at once. `strategy` null: superseded by the device's own later action. */
export type Settlement = { strategy: Strategy | null; resolvedData: JsonObject | null };

function fresh(c: Case, o: Overlap): ConflictRow {
  const touched = new Set([...o.fields, ...(o.held ?? []), ...Object.keys(o.client ?? {})]);
  const { sub, device } = authorOf(c);
  return {
    id: c.engine.conflictIdOf(sub, c.action.clientId),
    user: sub,
    device,
    kind: o.kind,
    type: o.row.type,
    entityId: o.row.entityId,
    serverId: o.row.serverId,
    home: o.row.home,
    clientId: c.action.clientId,
    clientIds: [c.action.clientId],
    baseVersion: c.action.baseVersion ?? null,
    serverVersion: o.row.version,
    fields: o.fields,
    held: o.held ?? [],
    base: c.action.base ? pick(c.action.base, touched) : null,
    client: o.client,
    server: pick(o.before.fields, touched),
    serverDeleted: o.before.state === 'deleted',
    status: 'unresolved',
    strategy: null,
    resolvedData: null,
    resolvedBy: null,
    resolvedAt: null,
    detectedAt: c.place.at,
    revision: 1,
    time: c.action.time,
    n: c.place.n,
  };
}

/** A conflict that a strategy settled: recorded, nothing to do. */
export function settled(c: Case, o: Overlap, s: Settlement): ConflictRow {
  return {
    ...fresh(c, o),
    status: 'resolved',
    strategy: s.strategy,
    resolvedData: s.resolvedData,
    resolvedBy: c.acceptance.actor.sub,
    resolvedAt: c.place.at,
  };
}

/**
 * An open conflict. A device has one per record: a further overlap joins it with the newest data; its id and what it
 * was first based on stay (design 5).
 */
export function opened(c: Case, o: Overlap): ConflictRow | { need: Pointer } {
  const next = fresh(c, o);
  const pointer = { user: next.user, key: pointerKey(next) };
  const joined = c.view.open(pointer);
  if (joined === 'need') return { need: pointer };
  if (!joined || joined.status !== 'unresolved') return next;
  const fields = [...new Set([...joined.fields, ...next.fields])].sort();
  const held = [...new Set([...joined.held, ...next.held])].filter((field) => !fields.includes(field)).sort();
  const client = next.client === null ? null : joinedData(c, o, joined, next.client);
  return {
    ...next,
    id: joined.id,
    clientIds: [...joined.clientIds, ...next.clientIds].slice(-LIMITS.conflictClientIds),
    baseVersion: joined.baseVersion ?? next.baseVersion,
    fields,
    held,
    base: joined.base || next.base ? { ...next.base, ...joined.base } : null,
    client,
    server: pick(o.before.fields, [...fields, ...held, ...Object.keys(client ?? {})]),
    detectedAt: joined.detectedAt,
    revision: joined.revision + 1,
  };
}

/** The newest data of each field; of what waits already, operators count on. */
function joinedData(c: Case, o: Overlap, joined: ConflictRow, next: JsonObject): JsonObject {
  const fields = c.engine.domain.types[o.row.type]?.fields ?? {};
  const client = { ...joined.client, ...next };
  for (const field of [...joined.fields, ...joined.held]) {
    const [spec, earlier, later] = [fields[field], joined.client?.[field], next[field]];
    if (!spec || earlier === undefined || later === undefined) continue;
    const waits = o.fields.includes(field) || (o.held ?? []).includes(field);
    client[field] = joinedValue(spec, earlier, later, waits, o.before.fields[field]);
  }
  return client;
}

function joinedValue(spec: FieldSpec, earlier: Json, later: Json, laterWaits: boolean, current: Json | undefined): Json {
  const first = operatorOf(spec, earlier);
  const second = operatorOf(spec, later);
  if (!second) return later;
  if (!first) return applyOperator(second, earlier);
  // The later one is in the record already: only the earlier still waits.
  return laterWaits ? composed(first, second, current) : earlier;
}

/** The conflict with the server's side as it now is: what it was decided on, or shown with, is no longer true. */
export function refreshed(conflict: ConflictRow, row: EntityRow, n: number): ConflictRow {
  const { fields, held, client, server } = conflict;
  const touched = new Set([...fields, ...held, ...Object.keys(client ?? {}), ...Object.keys(server ?? {})]);
  return { ...conflict, server: pick(row.fields, touched), serverDeleted: row.state === 'deleted', serverVersion: row.version, n };
}
