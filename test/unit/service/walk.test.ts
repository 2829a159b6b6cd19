import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMemoryIds } from '../../../src/adapters/memory/ids.ts';
import type { Deps } from '../../../src/service/deps.ts';
import { decodePlace, encodePlace, START, walk, type Place, type Source } from '../../../src/service/walk.ts';

const deps = { ids: createMemoryIds() } as Deps;

/** Rows in order of their ids; each is made into `width` items. */
function sourceOf(rows: string[], pageRows = 100): Source<string> {
  return async (after, limit) => {
    const rest = rows.filter((row) => row > after);
    const given = rest.slice(0, Math.min(limit, pageRows));
    const last = given.at(-1);
    return given.length < rest.length && last !== undefined ? { rows: given, next: last } : { rows: given };
  };
}

async function walkAll(source: Source<string>, options: { width?: number; limit: number; keep?: (item: string) => boolean; between?: () => void }) {
  const { width = 1, limit, keep = () => true, between } = options;
  const items = (row: string) => Array.from({ length: width }, (_, i) => `${row}.${i}`);
  const pages: string[][] = [];
  let place: Place | undefined = START;
  while (place) {
    const page: { items: string[]; next?: Place } = await walk(deps, { source, items, keyOf: (item) => item, keep }, place, limit);
    pages.push(page.items);
    // As over the wire: only the cursor goes back and forth.
    place = page.next && decodePlace('list', encodePlace('list', page.next));
    between?.();
  }
  return pages;
}

const ids = fc.uniqueArray(fc.stringMatching(/^[a-z0-9]{1,8}$/), { maxLength: 60 }).map((list) => list.sort());

describe('walking a list', () => {
  test('gives every kept item once and in order, whatever the page sizes of caller and source', async () => {
    await fc.assert(
      fc.asyncProperty(ids, fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 4 }), async (rows, limit, pageRows, width) => {
        const keep = (item: string) => !item.includes('a');
        const pages = await walkAll(sourceOf(rows, pageRows), { limit, width, keep });
        const all = rows.flatMap((row) => Array.from({ length: width }, (_, i) => `${row}.${i}`));
        expect(pages.flat()).toEqual(all.filter(keep));
      }),
    );
  });

  test('fills every page but the last, and never ends with an empty one', async () => {
    await fc.assert(
      fc.asyncProperty(ids, fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 9 }), async (rows, limit, pageRows) => {
        const pages = await walkAll(sourceOf(rows, pageRows), { limit });
        for (const page of pages.slice(0, -1)) expect(page.length).toBe(limit);
        if (rows.length > 0) expect(pages.at(-1)?.length).toBeGreaterThan(0);
      }),
    );
  });

  test('loses nothing when rows go while it is under way', async () => {
    await fc.assert(
      fc.asyncProperty(ids, fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(), { maxLength: 20 }), async (rows, limit, goes) => {
        const left = [...rows];
        const gone = new Set<string>();
        const between = () => {
          const next = goes.shift();
          if (next !== undefined && left.length > 0) for (const row of left.splice(next % left.length, 1)) gone.add(row);
        };
        const source: Source<string> = (after, most) => sourceOf(left, 4)(after, most);
        const seen = new Set((await walkAll(source, { limit, between })).flat());
        for (const row of rows) if (!gone.has(row)) expect(seen).toContain(`${row}.0`);
      }),
    );
  });

  test('a filter that matches nothing in thousands of rows gives a short page to go on from', async () => {
    const rows = Array.from({ length: 9000 }, (_, i) => String(i).padStart(6, '0'));
    const listing = { source: sourceOf(rows), items: (row: string) => [row], keyOf: (row: string) => row, keep: (row: string) => row >= '008000' };
    const first = await walk(deps, listing, START, 10);
    expect(first.items).toEqual([]);
    expect(first.next).toBeDefined();
    const second = await walk(deps, listing, first.next ?? START, 10);
    expect(second.items).toEqual(rows.slice(8000, 8010));
  });
});

describe('a cursor', () => {
  test('of another list, or made by anyone else, is malformed', () => {
    const cursor = encodePlace('conflicts', { after: 'x', last: 'y' });
    expect(decodePlace('conflicts', cursor)).toEqual({ after: 'x', last: 'y' });
    expect(() => decodePlace('overview', cursor)).toThrow(expect.objectContaining({ code: 'malformed_request' }));
    const forged = ['', '{}', '["conflicts"]', '["conflicts",1,""]', '["conflicts","\\ud800",""]', `["conflicts","${'x'.repeat(1025)}",""]`];
    for (const text of forged) {
      expect(() => decodePlace('conflicts', Buffer.from(text).toString('base64url'))).toThrow(expect.objectContaining({ code: 'malformed_request' }));
    }
  });

  test('that nobody made is refused and never breaks anything else', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        expect(() => decodePlace('list', text)).toThrow(expect.objectContaining({ code: 'malformed_request' }));
      }),
    );
  });
});
