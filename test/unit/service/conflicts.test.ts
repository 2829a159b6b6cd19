import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ConflictRow } from '../../../src/engine/model.ts';
import { conflictsResponse, type ConflictsQuery, type WireConflict } from '../../../src/protocol/conflict.ts';
import { listConflicts, toWireConflicts } from '../../../src/service/conflicts.ts';
import { officer, createWorld, type World } from '../../support/world.ts';
import { actor, ALICE, BOB, conflict, report, ROADS } from './rows.ts';

const list = (world: World, query: ConflictsQuery = {}, claims = ALICE) => listConflicts(world.deps, actor(claims), query);

async function worldWith(rows: readonly ConflictRow[]): Promise<World> {
  const world = createWorld();
  for (const row of rows) await world.ports.conflicts.put(row);
  return world;
}

async function listAll(world: World, query: ConflictsQuery): Promise<WireConflict[][]> {
  const pages: WireConflict[][] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const { conflicts, next_cursor }: Awaited<ReturnType<typeof list>> = await list(world, cursor === undefined ? query : { ...query, cursor });
    pages.push(conflicts);
    cursor = next_cursor;
  }
  return pages;
}

describe('the list of conflicts', () => {
  test('shows the caller’s own open ones, in the form of the contract', async () => {
    const world = await worldWith([
      conflict({ id: 'c-1' }),
      conflict({ id: 'c-2', status: 'resolved', strategy: 'server_wins', resolvedBy: 'alice', resolvedAt: 1 }),
      conflict({ id: 'c-3', user: 'bob' }),
    ]);
    const answer = await list(world);
    expect(answer.conflicts.map(({ id }) => id)).toEqual(['c-1']);
    expect(answer.next_cursor).toBeNull();
    expect(conflictsResponse.safeParse(answer).success).toBe(true);
    expect((await list(world, {}, BOB)).conflicts.map(({ id }) => id)).toEqual(['c-3']);
  });

  test('cuts a page to what an answer can hold, and goes on behind it', async () => {
    const large = { title: 'x'.repeat(300_000) };
    const ids = Array.from({ length: 40 }, (_, i) => `c-${String(i).padStart(2, '0')}`);
    const pages = await listAll(await worldWith(ids.map((id) => conflict({ id, client: large }))), { limit: 200 });
    expect(pages.flat().map(({ id }) => id)).toEqual(ids);
    for (const page of pages) expect(JSON.stringify(page).length).toBeLessThan(5 * 1024 * 1024);
  });

  test('gives every match once, in full pages, whatever the filters and the page size', async () => {
    const rows = fc.uniqueArray(
      fc.record({ id: fc.stringMatching(/^[a-z0-9]{1,6}$/), status: fc.constantFrom('unresolved', 'resolved'), device: fc.constantFrom('phone', 'tablet') }),
      { selector: ({ id }) => id, maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(
        rows,
        fc.constantFrom('unresolved', 'resolved', 'all', undefined),
        fc.constantFrom('phone', undefined),
        fc.integer({ min: 1, max: 6 }),
        async (parts, status, device, limit) => {
          const world = await worldWith(parts.map((part) => conflict(part)));
          const pages = await listAll(world, { limit, ...(status ? { status } : {}), ...(device ? { device_id: device } : {}) });
          const wanted = parts
            .filter((part) => status === 'all' || part.status === (status ?? 'unresolved'))
            .filter((part) => device === undefined || part.device === device);
          expect(pages.flat().map(({ id }) => id)).toEqual(wanted.map(({ id }) => id).sort());
          for (const page of pages.slice(0, -1)) expect(page.length).toBe(limit);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('goes on behind a conflict that was resolved between two pages', async () => {
    const world = await worldWith(['c-1', 'c-2', 'c-3', 'c-4'].map((id) => conflict({ id })));
    const first = await list(world, { limit: 2 });
    for (const id of ['c-1', 'c-2']) await world.ports.conflicts.put(conflict({ id, n: 9, status: 'resolved' }));
    const second = await list(world, { limit: 2, cursor: first.next_cursor ?? '' });
    expect(second.conflicts.map(({ id }) => id)).toEqual(['c-3', 'c-4']);
  });

  test('refuses a cursor that is not its own', async () => {
    await expect(list(createWorld(), { cursor: 'bm90aGluZw' })).rejects.toMatchObject({ code: 'malformed_request' });
  });
});

describe('a conflict on the wire', () => {
  test('carries the whole record as it now is', async () => {
    const world = await worldWith([]);
    await world.ports.entities.put(report({ version: 8, n: 8, fields: { title: 'Newest', category: 'roads' } }));
    const [shown] = await toWireConflicts(world.deps, [conflict()], actor(ALICE));
    expect(shown?.record).toMatchObject({ title: 'Newest', version: 8, scope: 'user:alice' });
  });

  test('shows the record in the scope through which the viewer sees it, and to nobody who does not', async () => {
    const world = await worldWith([]);
    await world.ports.entities.put(report());
    const seenBy = async (claims: Parameters<typeof actor>[0]) =>
      (await toWireConflicts(world.deps, [conflict({ user: claims.sub })], actor(claims)))[0]?.record;
    expect(await seenBy(ROADS)).toMatchObject({ scope: 'department:roads', home: 'user:alice' });
    expect(await seenBy(officer('pat', 'parks'))).toBeNull();
    expect(await seenBy(BOB)).toBeNull();
  });

  test('has no record when that is deleted or unknown', async () => {
    const world = await worldWith([]);
    await world.ports.entities.put(report({ state: 'deleted' }));
    const shown = await toWireConflicts(world.deps, [conflict(), conflict({ id: 'c-2', entityId: 'r-2' })], actor(ALICE));
    expect(shown.map(({ id, record }) => [id, record])).toEqual([['c-1', null], ['c-2', null]]);
  });

  test('costs one read of its record, however many conflicts are about it', async () => {
    const world = await worldWith([]);
    await world.ports.entities.put(report());
    const asked: number[] = [];
    const entities = { ...world.deps.entities, get: (keys: Parameters<typeof world.deps.entities.get>[0]) => {
      asked.push(keys.length);
      return world.deps.entities.get(keys);
    } };
    const shown = await toWireConflicts({ ...world.deps, entities }, [conflict(), conflict({ id: 'c-2' })], actor(ALICE));
    expect(shown.map(({ record }) => record?.entity_id)).toEqual(['r-1', 'r-1']);
    expect(asked).toEqual([1]);
  });
});
