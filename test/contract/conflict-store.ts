import { describe, expect, it } from 'vitest';
import { actionKey } from '../../src/engine/keys.ts';
import type { ConflictRow } from '../../src/engine/model.ts';
import type { ConflictStore } from '../../src/service/ports/conflict-store.ts';
import { T0 } from '../support/builders.ts';

function conflict(overrides: Partial<ConflictRow> = {}): ConflictRow {
  return {
    id: 'c-1',
    user: 'alice',
    device: 'phone',
    kind: 'update_update',
    type: 'note',
    entityId: 'n-1',
    serverId: 7,
    home: 'user:alice',
    clientId: 'a-1',
    clientIds: ['a-1'],
    baseVersion: 1,
    serverVersion: 4,
    fields: ['title'],
    held: [],
    base: { title: 'Old' },
    client: { title: 'Mine' },
    server: { title: 'Theirs' },
    serverDeleted: false,
    status: 'unresolved',
    strategy: null,
    resolvedData: null,
    resolvedBy: null,
    resolvedAt: null,
    detectedAt: T0,
    revision: 1,
    time: T0 - 1000,
    n: 5,
    ...overrides,
  };
}

const RESOLVED = { status: 'resolved', strategy: 'merge', resolvedData: { title: 'Both' }, resolvedBy: 'alice', resolvedAt: T0 + 9 } as const;

const pointer = { user: 'alice', key: 'phone#note#n-1#user:alice', conflictId: 'c-1', n: 5, open: true };

/** What any conflict store must do (design 5). */
export function conflictStoreContract(create: () => Promise<ConflictStore>): void {
  describe('conflict store', () => {
    it('gives back a conflict exactly as it was put', async () => {
      const store = await create();
      const rows = [
        conflict(),
        conflict({ id: 'c-2', ...RESOLVED, revision: 3, held: ['tags'], clientIds: ['a', 'b'] }),
        conflict({ id: 'c-3', base: null, client: null, server: null, baseVersion: null, serverDeleted: true, kind: 'delete_update', fields: [] }),
        conflict({ id: 'c-4', client: { a: null, b: [], c: { $inc: 1 }, toString: 'x', é: '😀' }, base: {} }),
      ];
      for (const row of rows) await store.put(row);
      const read = await store.get(rows);
      expect(read.size).toBe(4);
      for (const row of rows) expect(read.get(actionKey(row.user, row.id))).toStrictEqual(row);
    });

    it('keeps the newest, in whatever order rows are put', async () => {
      const store = await create();
      await store.put(conflict({ n: 9, revision: 2, ...RESOLVED }));
      await store.put(conflict({ n: 5 }));
      await store.put(conflict({ n: 9, clientIds: ['other'] }));
      expect((await store.get([conflict()])).get(actionKey('alice', 'c-1'))).toStrictEqual(conflict({ n: 9, revision: 2, ...RESOLVED }));
    });

    it('knows whose conflict an id is', async () => {
      const store = await create();
      await store.put(conflict());
      await store.put(conflict({ revision: 2, n: 8, ...RESOLVED }));
      expect(await store.owner('c-1')).toBe('alice');
      expect(await store.owner('c-2')).toBeUndefined();
    });

    it('leads to the conflict of a device on a record, open or not', async () => {
      const store = await create();
      expect(await store.pointer('alice', pointer.key)).toBeUndefined();
      await store.putPointer(pointer);
      expect(await store.pointer('alice', pointer.key)).toStrictEqual(pointer);
      expect(await store.pointer('bob', pointer.key)).toBeUndefined();
      await store.putPointer({ ...pointer, n: 7, open: false });
      await store.putPointer({ ...pointer, n: 6, conflictId: 'late' });
      expect(await store.pointer('alice', pointer.key)).toStrictEqual({ ...pointer, n: 7, open: false });
    });

    it('counts the open conflicts of one device', async () => {
      const store = await create();
      await store.putPointer(pointer);
      await store.putPointer({ ...pointer, key: 'phone#note#n-2#user:alice', conflictId: 'c-2' });
      await store.putPointer({ ...pointer, key: 'phone#note#n-3#user:alice', conflictId: 'c-3', open: false });
      await store.putPointer({ ...pointer, key: 'phone2#note#n-1#user:alice', conflictId: 'c-4' });
      await store.putPointer({ ...pointer, user: 'bob', conflictId: 'c-5' });
      expect(await store.countOpen('alice', 'phone')).toBe(2);
      expect(await store.countOpen('alice', 'phone2')).toBe(1);
      expect(await store.countOpen('alice', 'pho')).toBe(0);
      expect(await store.countOpen('carol', 'phone')).toBe(0);
    });

    it('lists conflicts of a user by id, all once, and no pointers', async () => {
      const store = await create();
      const ids = ['-', '0', 'A', 'Z', '_', 'a', 'zz'];
      for (const id of [...ids].reverse()) await store.put(conflict({ id }));
      await store.putPointer(pointer);
      await store.put(conflict({ user: 'bob', id: 'b' }));
      for (const limit of [1, 2, 7, 50]) {
        const seen: string[] = [];
        let after: string | undefined = '';
        while (after !== undefined) {
          const { rows, next }: { rows: ConflictRow[]; next?: string } = await store.list('alice', after, limit);
          expect(rows.length).toBeLessThanOrEqual(limit);
          seen.push(...rows.map((row) => row.id));
          after = next;
        }
        expect(seen).toEqual(ids);
      }
    });

    it('lists on from a place that is not an id', async () => {
      const store = await create();
      await store.put(conflict());
      await store.putPointer(pointer);
      for (const after of ['~', '~open#', 'zzz', '\u{10ffff}']) expect((await store.list('alice', after, 9)).rows).toEqual([]);
      for (const after of ['!', 'b'.repeat(3000), '\ud800']) expect((await store.list('alice', after, 9)).rows.length).toBeLessThanOrEqual(1);
    });

    it('lists the open conflicts of all users by time of detection', async () => {
      const store = await create();
      const open = [
        conflict({ id: 'c', user: 'bob', detectedAt: T0 }),
        conflict({ id: 'z', user: 'alice', detectedAt: T0 + 1 }),
        conflict({ id: 'a', user: 'carol', detectedAt: T0 + 2 }),
        conflict({ id: 'a', user: 'dave', detectedAt: T0 + 2 }),
      ];
      for (const row of [...open].reverse()) await store.put(row);
      await store.put(conflict({ id: 'r', ...RESOLVED }));
      await store.put(conflict({ id: 'late' }));
      await store.put(conflict({ id: 'late', n: 6, revision: 2, ...RESOLVED }));
      await store.putPointer(pointer);
      for (const limit of [1, 3, 50]) {
        const seen: { user: string; id: string }[] = [];
        let after: string | undefined = '';
        while (after !== undefined) {
          const { keys, next }: { keys: { user: string; id: string }[]; next?: string } = await store.listOpen(after, limit);
          seen.push(...keys);
          after = next;
        }
        expect(seen).toEqual(open.map(({ user, id }) => ({ user, id })));
      }
    });
  });
}
