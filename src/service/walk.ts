import { jsonBytes, utf8Bytes } from '../engine/value.ts';
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

/** Items, the place behind each, and where to go on. */
export type Walked<Item> = { items: Item[]; places: Place[]; next?: Place };

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
): Promise<Walked<Item>> {
  const items: Item[] = [];
  const places: Place[] = [];
  let { after, last } = from;
  for (let page = 0; page < MOST_PAGES; page++) {
    const { rows, next } = await listing.source(after, PAGE_ROWS);
    const found = rows.flatMap(listing.items);
    // Not found: -1, and the page is given from its start.
    const behind = last === '' ? 0 : found.findIndex((item) => deps.ids.hash(listing.keyOf(item)) === last) + 1;
    for (const item of found.slice(behind)) {
      if (!listing.keep(item)) continue;
      if (items.length === limit) return { items, places, next: places.at(-1) ?? from };
      items.push(item);
      places.push({ after, last: deps.ids.hash(listing.keyOf(item)) });
    }
    if (next === undefined) return { items, places };
    after = next;
    last = '';
  }
  return { items, places, next: { after, last: '' } };
}

/** Most that a list answers, in bytes of JSON: a function's answer is at most 6 MB. */
const MOST_BYTES = 4 * 1024 * 1024;

/** Cuts what a walk gave to what one answer can hold: at least one item, and `next` behind the last. */
export function fitting<Item>(walked: Omit<Walked<unknown>, 'items'>, items: readonly Item[]): { items: Item[]; next?: Place } {
  const count = Math.max(1, countFitting(items, MOST_BYTES));
  if (count >= items.length) return { items: [...items], ...(walked.next ? { next: walked.next } : {}) };
  const next = walked.places[count - 1];
  return { items: items.slice(0, count), ...(next ? { next } : {}) };
}

/** How many of the first items have together at most so many bytes as JSON. */
export function countFitting(items: readonly unknown[], most: number): number {
  let bytes = 0;
  const over = items.findIndex((item) => (bytes += jsonBytes(item)) > most);
  return over < 0 ? items.length : over;
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
