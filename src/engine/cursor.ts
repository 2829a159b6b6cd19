import type { ResetReason } from '../protocol/download.ts';
import { TIMES } from '../protocol/limits.ts';
import type { Scope } from './model.ts';

/** A log's head (design 3): n = 0 of its scope. */
export type Head = {
  /** Redone up to here. */
  applied: number;
  /** Time of commit `applied`, ms. */
  appliedAt: number;
  epoch: number;
  /** First number of the current epoch; 0 in the first. */
  start: number;
  /** Last number of the epoch before. */
  end: number;
};

export const NEW_HEAD: Head = { applied: 0, appliedAt: 0, epoch: 0, start: 0, end: 0 };

/** Numbers of a new epoch begin at the next million (design 4, Restore). */
export const EPOCH_STEP = 1_000_000;

/** 9999-12-31T23:59:59.999Z, ms. */
const LAST_MOMENT = 253_402_300_799_999;

/** Where a device stands in one scope. */
export type Position =
  /** Everything up to commit `at`, and the first `skip` changes of the next one. */
  | { at: number; skip: number }
  /** In a snapshot that was begun when `applied` was `from`: within the types, after this record's key. */
  | { from: number; type: string; after: string };

/** Where a device stands: opaque to clients, untrusted when it comes back. */
export type Cursor = {
  epoch: number;
  /** Entity types asked for, sorted; empty: all. */
  types: string[];
  scopes: Record<Scope, Position>;
  /** Its own `sync_timestamp`, ms. */
  ts: number;
  /** Last write of `last_download`, ms. */
  noted: number;
};

/** Where to go on reading a scope. */
export type Resume = { reset?: ResetReason; position: Position | 'snapshot' };

/** Where a device goes on in one granted scope; a reset says so, never an error, never an empty "up to date". */
export function resume(cursor: Cursor | undefined, scope: Scope, head: Head, epoch: number, types: string[]): Resume {
  const position = cursor?.scopes[scope];
  if (!cursor || !position) return { position: 'snapshot' };
  if (cursor.epoch !== epoch) return { reset: 'restored', position: 'snapshot' };
  if (cursor.types.join() !== types.join()) return { reset: 'types', position: 'snapshot' };
  const number = 'at' in position ? position.at : position.from;
  if (number > head.applied) return { reset: 'unknown', position: 'snapshot' };
  if (number >= head.start - 1) return { position };
  // It came after the restore and before the first write, when `applied` may have been behind what the tables held.
  if (!isOfLastRun(head, number)) return { reset: 'restored', position: 'snapshot' };
  return { position: 'at' in position && number === head.end ? { at: head.start - 1, skip: 0 } : position };
}

/**
 * Does a commit lie at each number from here to the end of the epoch before? It began at a full million, and what lies
 * below is a gap: whoever names a number in there would seem to stand before a hole.
 */
function isOfLastRun({ end }: Head, number: number): boolean {
  return number <= end && number >= Math.floor((end + 1) / EPOCH_STEP) * EPOCH_STEP - 1;
}

/** The number after `n` in a log that may have jumped once, from `end` to `start`. */
export function following(head: Head, n: number): number {
  return head.start > 0 && n === head.end ? head.start : n + 1;
}

/** Were the missing commits dropped by age? Only the time of the last of them says so (design 4, Download). */
export function expired(lastMissingAt: number, now: number): boolean {
  return lastMissingAt > 0 && lastMissingAt + TIMES.retentionMs <= now;
}

/** base64url of compact JSON. */
export function encodeCursor(cursor: Cursor): string {
  const scopes = Object.entries(cursor.scopes).map(([scope, p]) =>
    'at' in p ? [scope, p.at, p.skip] : [scope, p.from, p.type, p.after],
  );
  const bytes = new TextEncoder().encode(JSON.stringify([1, cursor.epoch, cursor.types, scopes, cursor.ts, cursor.noted]));
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Reads a cursor; nothing when it is not one of ours. Every part is checked: clients can write anything. */
export function decodeCursor(text: string): Cursor | undefined {
  let parts: unknown;
  try {
    const raw = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    parts = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(raw, (c) => c.charCodeAt(0))));
  } catch {
    return undefined;
  }
  if (!Array.isArray(parts) || parts.length !== 6 || parts[0] !== 1) return undefined;
  const [, epoch, types, list, ts, noted] = parts as unknown[];
  if (!isCount(epoch) || !isMoment(ts) || !isMoment(noted) || !isTexts(types) || !Array.isArray(list)) return undefined;
  const scopes: Record<Scope, Position> = Object.create(null) as Record<Scope, Position>;
  for (const entry of list as unknown[]) {
    const read = Array.isArray(entry) ? readPosition(entry) : undefined;
    if (!read) return undefined;
    scopes[read[0]] = read[1];
  }
  return { epoch, types, scopes, ts, noted };
}

function readPosition(entry: unknown[]): [Scope, Position] | undefined {
  const [scope, number, third, after] = entry;
  if (typeof scope !== 'string' || !isCount(number)) return undefined;
  if (entry.length === 3 && isCount(third)) return [scope, { at: number, skip: third }];
  if (entry.length === 4 && typeof third === 'string' && typeof after === 'string') {
    return [scope, { from: number, type: third, after }];
  }
  return undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** A time that ISO 8601 tells with four digits for the year: others could not be answered. */
function isMoment(value: unknown): value is number {
  return isCount(value) && value <= LAST_MOMENT;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
