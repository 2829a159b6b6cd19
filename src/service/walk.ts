import { utf8Bytes } from '../engine/value.ts';
import type { Deps } from './deps.ts';
import { SyncError } from './errors.ts';

/** A listing of a port: rows after a place, and the place to go on from, if there may be more. */
export type Source<Row> = (after: string, limit: number) => Promise<{ rows: Row[]; next?: string }>;

/** Where a walk stands: within the source's page that begins after `after`, behind the item whose key hashes to `last`. */
export type Place = { after: string; last: string };

export const START: Place = { after: '', last: '' };

/** What is listed: items made of a source's rows. */
export type Listing<Row, Item> = {
  source: Source<Row>;
  items: (row: Row) => Item[];
  /** Unique among the items. */
  keyOf: (item: Item) => string;
  /** Only these are given. */
  keep: (item: Item) => boolean;
};

const PAGE_ROWS = 100;
/** A filter that matches little must not read on until the function's time is up: it gives a short page instead. */
const MOST_PAGES = 50;
/** Longest sort key. */
const MOST_PLACE_BYTES = 1024;

/**
 * The next `limit` items from a place. `next` is absent exactly when nothing is left; a page may be short, or empty,
 * with a `next`. Walking on gives every item that stays, once; if the item where a page ended is gone by then, up to
 * one page of the source comes again rather than being lost.
 */
export async function walk<Row, Item>(
  deps: Deps,
  listing: Listing<Row, Item>,
  from: Place,
  limit: number,
): Promise<{ items: Item[]; next?: Place }> {
  const given: Item[] = [];
  let { after, last } = from;
  let place = from;
  for (let page = 0; page < MOST_PAGES; page++) {
    const { rows, next } = await listing.source(after, PAGE_ROWS);
    const found = rows.flatMap(listing.items);
    // Not found: -1, and the page is given from its start.
    const behind = last === '' ? 0 : found.findIndex((item) => deps.ids.hash(listing.keyOf(item)) === last) + 1;
    for (const item of found.slice(behind)) {
      if (!listing.keep(item)) continue;
      if (given.length === limit) return { items: given, next: place };
      given.push(item);
      if (given.length === limit) place = { after, last: deps.ids.hash(listing.keyOf(item)) };
    }
    if (next === undefined) return { items: given };
    after = next;
    last = '';
  }
  return { items: given, next: { after, last: '' } };
}

/** A place as an opaque cursor, bound to the list that it belongs to. */
export function encodePlace(list: string, place: Place): string {
  return Buffer.from(JSON.stringify([list, place.after, place.last])).toString('base64url');
}

/** Reads a cursor of this list. Throws `SyncError` `malformed_request` for anything else: clients can write anything. */
export function decodePlace(list: string, cursor: string | null | undefined): Place {
  if (cursor === null || cursor === undefined) return START;
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw badCursor();
  }
  if (!Array.isArray(parts) || parts.length !== 3) throw badCursor();
  const [name, after, last] = parts as unknown[];
  if (name !== list || !isPlace(after) || !isPlace(last)) throw badCursor();
  return { after, last };
}

function isPlace(text: unknown): text is string {
  return typeof text === 'string' && text.isWellFormed() && utf8Bytes(text) <= MOST_PLACE_BYTES;
}

function badCursor(): SyncError {
  return new SyncError('malformed_request', 'The cursor is not one of this list.');
}
