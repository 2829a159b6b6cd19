import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change, EntityRow } from '../../../src/engine/model.ts';
import { Page } from '../../../src/engine/page.ts';
import { LIMITS } from '../../../src/protocol/limits.ts';
import { commit, row } from '../../support/builders.ts';

const NOTES = new Set(['note']);
const image = (entityId: string, n: number, over: Partial<EntityRow> = {}) => row({ entityId, n, version: n, ...over });
const change = (r: EntityRow): Change => ({ row: r, to: [] });
const ids = fc.constantFrom('a', 'b', 'c', 'd', 'e');

/** A log of commits; in each, every record at most once. */
const logs = fc
  .array(fc.uniqueArray(ids, { minLength: 1, maxLength: 5 }), { maxLength: 12 })
  .map((list) => list.map((names, i) => commit({ n: i + 1, changes: names.map((name) => change(image(name, i + 1))) })));

describe('a page', () => {
  it('gives each record once, with its newest image', () => {
    fc.assert(fc.property(logs, (log) => {
      const page = new Page(1000);
      const newest = new Map<string, number>();
      for (const entry of log) {
        expect(page.addCommit(entry, 0, NOTES)).toBe('all');
        for (const { row: r } of entry.changes) newest.set(r.entityId, r.n);
      }
      expect(new Map(page.rows().map((r) => [r.entityId, r.n]))).toEqual(newest);
      expect(page.rows()).toHaveLength(newest.size);
      expect(page.size).toBe(newest.size);
    }));
  });

  it('of any size, followed by the next ones, gives what one large page gives, and never goes back', () => {
    fc.assert(fc.property(logs, fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1 }), (log, limits) => {
      const held = new Map<string, number>();
      let [at, skip, pages] = [0, 0, 0];
      while (at < log.length) {
        const page = new Page(limits[pages % limits.length] ?? 1);
        for (const entry of log.slice(at)) {
          const taken = page.addCommit(entry, skip, NOTES);
          if (taken === 'all') [at, skip] = [entry.n, 0];
          else {
            expect(page.size).toBeGreaterThan(0);
            skip = taken;
            break;
          }
        }
        expect(page.size).toBeLessThanOrEqual(limits[pages % limits.length] ?? 1);
        for (const r of page.rows()) {
          expect(r.n).toBeGreaterThan(held.get(r.entityId) ?? 0);
          held.set(r.entityId, r.n);
        }
        pages++;
      }
      const all = new Map(log.flatMap((entry) => entry.changes.map(({ row: r }) => [r.entityId, r.n] as const)));
      expect(held).toEqual(all);
    }));
  });

  it('does not replace an image by an older one: a snapshot may be ahead of the log that follows it', () => {
    const page = new Page(10);
    page.add(image('a', 9));
    expect(page.add(image('a', 7))).toBe(true);
    expect(page.rows()).toMatchObject([{ n: 9 }]);
  });

  it('keeps apart what two scopes hold of one record, and records of one id with different homes', () => {
    const page = new Page(10);
    page.add(image('a', 1));
    page.add(image('a', 1, { scope: 'department:roads' }));
    page.add(image('a', 1, { scope: 'department:roads', home: 'user:bob' }));
    page.add(image('a', 1, { type: 'card' }));
    expect(page.size).toBe(4);
  });

  it('leaves out other types, and counts their places all the same', () => {
    const mixed = commit({ changes: [change(image('a', 1, { type: 'card' })), change(image('b', 1)), change(image('c', 1))] });
    const page = new Page(1);
    expect(page.addCommit(mixed, 0, NOTES)).toBe(2);
    expect(page.rows()).toMatchObject([{ entityId: 'b' }]);
    const rest = new Page(1);
    expect(rest.addCommit(mixed, 2, NOTES)).toBe('all');
    expect(rest.rows()).toMatchObject([{ entityId: 'c' }]);
  });

  it('is full at its limit of records, but takes newer images of those it has', () => {
    const page = new Page(1);
    expect(page.add(image('a', 1))).toBe(true);
    expect(page.room).toBe(0);
    expect(page.add(image('b', 2))).toBe(false);
    expect(page.add(image('a', 3))).toBe(true);
    expect(page.rows()).toMatchObject([{ entityId: 'a', n: 3 }]);
  });

  it('is full at its limit of bytes, but takes at least one record', () => {
    const big = 'x'.repeat(LIMITS.pageBytes);
    const page = new Page(10);
    expect(page.add(image('a', 1, { fields: { title: big } }))).toBe(true);
    expect(page.add(image('b', 2))).toBe(false);
    const counted = new Page(1000);
    const half = 'x'.repeat(LIMITS.pageBytes / 2);
    expect(counted.add(image('a', 1, { fields: { title: half } }))).toBe(true);
    expect(counted.add(image('b', 1, { fields: { title: half } }))).toBe(false);
    expect(counted.add(image('a', 2))).toBe(true);
    expect(counted.add(image('b', 1, { fields: { title: half } }))).toBe(true);
  });

  it('forgets a scope that starts afresh, and has room for it again', () => {
    const page = new Page(2);
    page.add(image('a', 1));
    page.add(image('b', 1, { scope: 'department:roads' }));
    page.drop('department:roads');
    expect(page.rows()).toMatchObject([{ entityId: 'a' }]);
    expect(page.add(image('c', 2))).toBe(true);
  });
});
