import { TIMES } from '../protocol/limits.ts';
import type { AcceptedAction, EntityRow, FieldStamps, Stamp } from './model.ts';

/** Which device an action comes from, and where it stands in that device's order. */
export type Author = { sub: string; device: string; order: number };

/** Does the action's base include this change? (design 5: exact version, remembered cursor, else time.) */
export function covers(action: AcceptedAction, stamp: Stamp): boolean {
  if (action.baseVersion !== undefined) return stamp.n <= action.baseVersion;
  if (action.baseKnown !== undefined && stamp.n <= action.baseKnown) return true;
  if (action.baseTime === undefined) return false;
  if (action.baseCap !== undefined && stamp.n > action.baseCap) return false;
  return stamp.at <= action.baseTime - TIMES.baseTimeSlackMs;
}

export function sameDevice(a: Author, stamp: Stamp): boolean {
  return stamp.sub === a.sub && stamp.device === a.device;
}

/**
 * The stamps of a field. Without its own, the creation's counts for what the record has from then on, and only where
 * the author may not have seen the record (`creationCounts`): who updates a record by its id has seen it created.
 */
export function stampsOf(row: EntityRow, field: string, creationCounts: boolean): Stamp[] {
  const own = row.stamps?.[field];
  if (own) return own.other ? [own.last, own.other] : [own.last];
  return creationCounts && row.created && Object.hasOwn(row.fields, field) ? [row.created] : [];
}

/** Who changed a field since the base: nobody that matters, this device later in its order, or someone else. */
export type Since = 'clear' | 'own-later' | 'others';

export function changedSince(action: AcceptedAction, author: Author, stamps: readonly Stamp[]): Since {
  if (stamps.some((s) => sameDevice(author, s) && s.order > author.order)) return 'own-later';
  if (stamps.some((s) => !sameDevice(author, s) && !covers(action, s))) return 'others';
  return 'clear';
}

/** Stamps of a field after `next` changed it. */
export function restamp(previous: FieldStamps | undefined, next: Stamp): FieldStamps {
  if (!previous) return { last: next };
  const other = sameDevice(next, previous.last) ? previous.other : previous.last;
  return other ? { last: next, other } : { last: next };
}

/** Did someone else change anything of the record since the base? Decides `merged` and overlaps of deletes. */
export function fieldsChangedByOthers(action: AcceptedAction, author: Author, row: EntityRow): string[] {
  return Object.keys(row.stamps ?? {}).filter((field) =>
    stampsOf(row, field, false).some((s) => !sameDevice(author, s) && !covers(action, s)),
  );
}
