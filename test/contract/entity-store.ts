import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordKey } from '../../src/engine/keys.ts';
import type { EntityRow } from '../../src/engine/model.ts';
import type { EntityStore } from '../../src/service/ports/entity-store.ts';
import { row, stamp } from '../support/builders.ts';
import { fieldNames, jsonValues } from '../support/json-values.ts';

const SCOPE = 'user:alice';

function keyOf(r: EntityRow): { scope: string; key: string } {
  return { scope: r.scope, key: recordKey(r.scope, r.home, r.type, r.entityId) };
}

async function stored(store: EntityStore, r: EntityRow): Promise<EntityRow | undefined> {
  const { scope, key } = keyOf(r);
  return (await store.get([{ scope, key }])).get(`${scope}\n${key}`);
}

/** A copy in the department's scope of a record that lives with `home`. */
function copy(home: string, overrides: Partial<EntityRow> = {}): EntityRow {
  const { created: _, ...rest } = row({ scope: 'department:roads', home, n: 9, ...overrides });
  return rest;
}

/** What any entity store must do (design 3, `entities`). */
export function entityStoreContract(create: () => Promise<EntityStore>): void {
  describe('entity store', () => {
    it('fails for an empty scope, which is no key', async () => {
      const store = await create();
      await expect(store.find('', 'note', 'n-1')).rejects.toThrow();
      await expect(store.get([{ scope: '', key: 'note#n-1' }])).rejects.toThrow();
    });

    it('gives back a row exactly as it was put', async () => {
      const store = await create();
      const rows = [
        row({
          stamps: { title: { last: stamp({ n: 4 }), other: stamp({ n: 2, sub: 'bob', device: 'desk' }) }, votes: { last: stamp({ n: 4 }) } },
          n: 4,
          version: 4,
          audience: ['department:roads'],
        }),
        row({ entityId: 'n-2', state: 'deleted', gone: stamp({ n: 8 }), n: 8, version: 8, fields: {} }),
        copy('user:bob', { state: 'left', version: 3 }),
      ];
      for (const r of rows) await store.put(r);
      const read = await store.get(rows.map(keyOf));
      expect([...read]).toHaveLength(3);
      for (const r of rows) expect(read.get(`${keyOf(r).scope}\n${keyOf(r).key}`)).toStrictEqual(r);
    });

    it('keeps any JSON in any field', async () => {
      const store = await create();
      let n = 1;
      await fc.assert(
        fc.asyncProperty(fc.dictionary(fieldNames, jsonValues, { maxKeys: 4, noNullPrototype: true }), async (fields) => {
          const r = row({ n: ++n, fields });
          await store.put(r);
          expect(await stored(store, r)).toStrictEqual(r);
        }),
        { numRuns: 40 },
      );
    });

    it('keeps the newest, in whatever order rows are put', async () => {
      const store = await create();
      await fc.assert(
        fc.asyncProperty(fc.uuid(), fc.shuffledSubarray([1, 2, 3, 4, 5], { minLength: 1 }), async (entityId, order) => {
          for (const n of order) await store.put(row({ entityId, n, fields: { title: `by ${n}` } }));
          expect((await stored(store, row({ entityId })))?.n).toBe(Math.max(...order));
        }),
        { numRuns: 15 },
      );
    });

    it('does nothing when a row of the same number is put again', async () => {
      const store = await create();
      await store.put(row({ n: 2, fields: { title: 'first' } }));
      await store.put(row({ n: 2, fields: { title: 'second' } }));
      expect((await stored(store, row()))?.fields).toEqual({ title: 'first' });
    });

    it('shares no state with its caller', async () => {
      const store = await create();
      const put = row();
      await store.put(put);
      put.fields['title'] = 'changed later';
      const read = await stored(store, row());
      expect(read?.fields['title']).toBe('Old');
      if (read) read.fields['title'] = 'changed later';
      expect((await stored(store, row()))?.fields['title']).toBe('Old');
    });

    it('gets many rows at once, each once, and leaves out those that do not exist', async () => {
      const store = await create();
      const rows = Array.from({ length: 130 }, (_, i) => row({ entityId: `n-${i}`, serverId: i }));
      await Promise.all(rows.map((r) => store.put(r)));
      const asked = [...rows, ...rows.slice(0, 7), row({ entityId: 'nobody' }), row({ scope: 'user:bob', home: 'user:bob' })];
      const read = await store.get(asked.map(keyOf));
      expect([...read.values()].map((r) => r.serverId).sort((a, b) => a - b)).toEqual(rows.map((r) => r.serverId));
      expect(await store.get([])).toEqual(new Map());
    });

    it('finds the own record and copies of an id, and none whose id only begins like it', async () => {
      const store = await create();
      const scope = 'department:roads';
      const own = row({ scope, home: scope, entityId: 'a' });
      const wanted = [own, copy('user:alice', { entityId: 'a' }), copy('user:bob', { entityId: 'a', state: 'left' })];
      const others = ['a!', 'ab', 'a-', 'a$', 'a#', 'a%23', 'A', 'b', '0'].map((entityId) => copy('user:carol', { entityId }));
      const elsewhere = [row({ entityId: 'a' }), copy('user:alice', { entityId: 'a', type: 'notes' }), copy('user:alice', { entityId: 'a', type: 'not' })];
      for (const r of [...wanted, ...others, ...elsewhere]) await store.put(r);
      const found = await store.find(scope, 'note', 'a');
      expect(found.map((r) => r.home).sort()).toEqual(['department:roads', 'user:alice', 'user:bob']);
      expect(found).toHaveLength(3);
      expect(await store.find(scope, 'note', 'zzz')).toEqual([]);
    });

    it('pages through every row of one type, once, whatever the limit', async () => {
      const ids = ['a', 'B', 'é', '語', '😀', 'a!b', 'a#b', 'a$', 'z-_', '1', '2', '10'];
      const store = await create();
      for (const [i, entityId] of ids.entries()) await store.put(row({ entityId, serverId: i, state: i % 3 === 0 ? 'deleted' : 'live' }));
      await store.put(row({ type: 'note2' }));
      await store.put(row({ type: 'not' }));
      await store.putAlias({ scope: SCOPE, serverId: 7, key: 'note#a', n: 1, live: true });
      for (const limit of [1, 2, 5, 100]) {
        const seen: string[] = [];
        let after: string | undefined = '';
        while (after !== undefined) {
          const { rows, next }: { rows: EntityRow[]; next?: string } = await store.page(SCOPE, 'note', after, limit);
          expect(rows.length).toBeLessThanOrEqual(limit);
          seen.push(...rows.map((r) => r.entityId));
          after = next;
        }
        expect([...seen].sort()).toEqual([...ids].sort());
      }
    });

    it('orders keys by their bytes, in any script', async () => {
      const store = await create();
      const homes = ['user:a', 'user:é', 'user:語', 'user:\uffee', 'user:😀'];
      for (const home of [...homes].reverse()) await store.put(copy(home));
      expect((await store.page('department:roads', 'note', '', 9)).rows.map((r) => r.home)).toEqual(homes);
    });

    it('goes on behind a key that is gone, and behind one that never was a key', async () => {
      const store = await create();
      for (const entityId of ['a', 'b', 'c']) await store.put(row({ entityId }));
      const page = async (after: string) => (await store.page(SCOPE, 'note', after, 9)).rows.map((r) => r.entityId);
      expect(await page('note#aa')).toEqual(['b', 'c']);
      expect(await page('note#c')).toEqual([]);
      expect(await page('zzz')).toEqual([]);
      expect(await page('aaa')).toEqual(['a', 'b', 'c']);
      expect(await page(`note#b${'x'.repeat(5000)}`)).toContain('c');
      expect(await page('note#b\ud800')).toContain('c');
    });

    it('knows a record by its server id, also when it is gone, until that expires', async () => {
      const store = await create();
      const alias = { scope: SCOPE, serverId: 7, key: 'note#n-1' };
      expect(await store.alias(SCOPE, 7)).toBeUndefined();
      await store.putAlias({ ...alias, n: 1, live: true });
      expect(await store.alias(SCOPE, 7)).toBe('note#n-1');
      expect(await store.alias('user:bob', 7)).toBeUndefined();
      await store.putAlias({ ...alias, n: 3, live: false });
      expect(await store.alias(SCOPE, 7)).toBe('note#n-1');
      await store.putAlias({ ...alias, key: 'note#n-2', n: 2, live: true });
      expect(await store.alias(SCOPE, 7)).toBe('note#n-1');
      await store.putAlias({ ...alias, n: 4, live: true });
      expect(await store.alias(SCOPE, 7)).toBe('note#n-1');
    });

    it('hands out server ids from 1, none twice', async () => {
      const store = await create();
      expect(await store.takeServerIds(100)).toBe(1);
      expect(await store.takeServerIds(1)).toBe(101);
      const firsts = await Promise.all(Array.from({ length: 10 }, () => store.takeServerIds(10)));
      expect([...firsts].sort((a, b) => a - b)).toEqual(Array.from({ length: 10 }, (_, i) => 102 + i * 10));
    });
  });
}
