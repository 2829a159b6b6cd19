import { decodeCursor } from '../engine/cursor.ts';
import type { AcceptedAction, EntityRow, Scope } from '../engine/model.ts';
import type { Remembered } from './ports/device-store.ts';

/** What the base of an action without `base_version` covers, as the planner understands it. */
export type Basis = Pick<AcceptedAction, 'baseKnown' | 'baseTime' | 'baseCap'>;

/** The record's type, where it lives, and the copy through which the caller sees it, if not at home. */
export type Seen = { type: string; home: Scope; copy?: EntityRow };

/**
 * The base time of an action, resolved (design 5): the older of the upload's `last_sync_timestamp` and the action's
 * own. A remembered `sync_timestamp` is exact, by its cursor; any other time is a time, never above the newest
 * remembered cursor at or before it that the device has shown to have. Without one it covers nothing: no time proves
 * what was downloaded (P4). `presented`: newest `sync_timestamp` that the device came with; later pages may be lost.
 */
export function basisOf(
  remembered: Remembered['entries'],
  epoch: number,
  times: { lastSync: number | undefined; action: number | undefined; presented: number },
  seen: Seen,
): Basis {
  const { lastSync, action, presented } = times;
  const base = lastSync === undefined ? action : action === undefined ? lastSync : Math.min(lastSync, action);
  if (base === undefined) return {};
  const exact = base === lastSync ? remembered.find((entry) => entry.ts === base) : undefined;
  if (exact) {
    const known = knownVersion(exact.cursor, epoch, seen);
    return known === undefined ? {} : { baseKnown: known };
  }
  const newest = remembered.filter((entry) => entry.ts <= Math.min(base, presented) && !entry.missed).sort((a, b) => b.ts - a.ts)[0];
  return newest ? { baseTime: base, baseCap: knownVersion(newest.cursor, epoch, seen) ?? 0 } : {};
}

/** Version of the record that a device with this cursor holds: all changes up to it are known. */
function knownVersion(text: string, epoch: number, { type, home, copy }: Seen): number | undefined {
  const cursor = decodeCursor(text);
  if (!cursor || cursor.epoch !== epoch) return undefined;
  // A device that asks for some types only gets past commits without seeing the others.
  if (cursor.types.length > 0 && !cursor.types.includes(type)) return undefined;
  const position = cursor.scopes[copy ? copy.scope : home];
  if (!position || !('at' in position)) return undefined;
  if (!copy) return position.at;
  return copy.n <= position.at ? copy.version : undefined;
}
