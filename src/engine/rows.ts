import type { JsonObject } from '../protocol/json.ts';
import type { EntityType } from './domain.ts';
import type { EntityRow, Stamp } from './model.ts';
import { restamp } from './stamps.ts';

/** A new record at its home. */
export function createdRow(
  type: EntityType,
  entityId: string,
  fields: JsonObject,
  stamp: Stamp,
  home: string,
  serverId: number,
): EntityRow {
  return {
    scope: home,
    home,
    type: type.type,
    entityId,
    serverId,
    version: stamp.n,
    n: stamp.n,
    state: 'live',
    fields,
    createdAt: stamp.at,
    createdBy: stamp.sub,
    updatedAt: stamp.at,
    updatedBy: stamp.sub,
    audience: type.audienceOf(fields),
    created: stamp,
  };
}

/** The row touched by a commit: a new version, whatever else changes. */
export function touchedRow(row: EntityRow, stamp: Stamp): EntityRow {
  return { ...row, version: stamp.n, n: stamp.n, updatedAt: stamp.at, updatedBy: stamp.sub };
}

/** The row with new values, each stamped; alive again if it was deleted. */
export function changedRow(type: EntityType, row: EntityRow, values: JsonObject, stamp: Stamp): EntityRow {
  const fields = { ...row.fields, ...values };
  const stamps = { ...row.stamps };
  for (const field of Object.keys(values)) stamps[field] = restamp(row.stamps?.[field], stamp);
  const { gone: _, ...rest } = touchedRow(row, stamp);
  return { ...rest, state: 'live', fields, stamps, audience: type.audienceOf(fields) };
}

/** The tombstone: keeps the last image, and its audience, who must hear of it. */
export function deletedRow(row: EntityRow, stamp: Stamp): EntityRow {
  return { ...touchedRow(row, stamp), state: 'deleted', gone: stamp };
}
