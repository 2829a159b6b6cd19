import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/protocol/limits.ts';
import type { AttachmentRow, AttachmentStore } from '../../src/service/ports/attachment-store.ts';

const NOW = Date.UTC(2030, 0, 2);
const HOLDER = { home: 'user:alice', type: 'report', entityId: 'r-1' };
const LINK = { id: 'a-1', key: 'report#r-1#user:alice', n: 4, at: NOW + 1000, live: true, state: 'awaited' as const, row: HOLDER };

function announced(more: Partial<AttachmentRow> = {}): AttachmentRow {
  return {
    id: 'a-1', user: 'alice', clientId: 'c-1', contentType: 'image/png', size: 7, sha256: 'hash=',
    state: 'awaited', expiresAt: NOW + 100_000, dueAt: NOW + 500, looks: 0, ...more,
  };
}

/** What every store of attachments keeps. */
export function attachmentStoreContract(make: () => Promise<AttachmentStore>): void {
  describe('attachments', () => {
    const rowOf = async (store: AttachmentStore, id = 'a-1') => (await store.get([id])).get(id);
    async function stored(row = announced()): Promise<AttachmentStore> {
      const store = await make();
      expect(await store.announce(row, NOW)).toBe(true);
      return store;
    }

    it('are announced once; one that nobody named in time can be announced again', async () => {
      const store = await stored();
      expect(await store.announce(announced({ size: 8 }), NOW + 99_999)).toBe(false);
      expect(await rowOf(store)).toEqual(announced());
      expect(await store.announce(announced({ size: 8 }), NOW + 100_000)).toBe(true);
      expect(await rowOf(store)).toEqual(announced({ size: 8 }));
      expect([...(await store.get(['a-1', 'a-2'])).keys()]).toEqual(['a-1']);
    });

    it('are counted by user and day, in number and in bytes', async () => {
      const store = await make();
      const most = LIMITS.attachmentDayBytes;
      expect(await store.count('al#ice', '2030-01-02', most - 5)).toBe(true);
      expect(await store.count('al#ice', '2030-01-02', 6)).toBe(false);
      expect(await store.count('al#ice', '2030-01-02', 5)).toBe(true);
      expect(await store.count('al#ice', '2030-01-02', 1)).toBe(false);
      expect(await store.count('al#ice', '2030-01-03', most)).toBe(true);
      for (let i = 0; i < LIMITS.attachmentsPerDay; i++) expect(await store.count('bob', '2030-01-02', 1)).toBe(true);
      expect(await store.count('bob', '2030-01-02', 1)).toBe(false);
    });

    it('get a later end while they are awaited, unless a record named them, and none once they were released', async () => {
      const store = await stored(announced({ looks: 3 }));
      await store.expect('a-1', { expiresAt: NOW + 200_000, dueAt: NOW + 900 });
      expect(await rowOf(store)).toEqual(announced({ expiresAt: NOW + 200_000, dueAt: NOW + 900 }));
      await store.link(LINK, NOW + 1000);
      await store.expect('a-1', { expiresAt: NOW + 300_000, dueAt: NOW + 1900 });
      const { expiresAt, dueAt } = (await rowOf(store))!;
      expect({ expiresAt, dueAt }).toEqual({ expiresAt: undefined, dueAt: NOW + 1900 });
      await store.link({ ...LINK, n: 5, live: false }, NOW + 9000);
      await store.expect('a-1', { expiresAt: NOW + 400_000, dueAt: NOW + 10_000 });
      expect((await rowOf(store))?.dueAt).toBe(NOW + 9000);
      await store.expect('nothing', { expiresAt: NOW, dueAt: NOW });
      expect(await rowOf(store, 'nothing')).toBeUndefined();
    });

    it('get one word of the check, the first', async () => {
      const store = await stored();
      const word = { state: 'ready' as const, expiresAt: NOW + 300_000, dueAt: NOW + 600 };
      expect(await store.settle('a-1', word)).toEqual(announced(word));
      expect(await store.settle('a-1', { ...word, state: 'refused' })).toEqual(announced(word));
      await store.expect('a-1', { expiresAt: NOW, dueAt: NOW });
      expect(await rowOf(store)).toEqual(announced(word));
      expect(await store.settle('nothing', word)).toBeUndefined();
    });

    it('belong to one record from the commit that names them, and then never end by themselves', async () => {
      const store = await stored();
      const { expiresAt: _, ...rest } = announced();
      const linked = { ...rest, attachedTo: LINK.key, holder: HOLDER, n: 4, told: 'awaited', dueAt: NOW + 1000 };
      expect(await store.link(LINK, NOW + 1000)).toEqual(linked);
      expect(await store.link({ ...LINK, n: 9, key: 'report#r-2#user:alice', row: { ...HOLDER, entityId: 'r-2' } }, NOW)).toEqual(linked);
      // Redo of the same commit, and of an older one.
      expect(await store.link({ ...LINK, live: false }, NOW)).toEqual(linked);
      expect(await store.link({ ...LINK, n: 3, live: false }, NOW)).toEqual(linked);
      expect(await store.link({ ...LINK, id: 'nothing' }, NOW)).toBeUndefined();
      expect(await rowOf(store, 'nothing')).toBeUndefined();
      await store.settle('a-1', { state: 'ready', expiresAt: NOW, dueAt: NOW });
      expect((await rowOf(store))?.expiresAt).toBeUndefined();
    });

    it('belong to nobody once they have expired, however late a commit from before then writes its link', async () => {
      const { expiresAt: _, ...rest } = announced();
      for (const live of [true, false]) {
        const store = await stored();
        expect(await store.link({ ...LINK, live, at: NOW + 100_000 }, NOW)).toEqual(announced());
      }
      const store = await stored();
      const at = NOW + 99_999;
      expect(await store.link({ ...LINK, at }, at)).toEqual({ ...rest, attachedTo: LINK.key, holder: HOLDER, n: 4, told: 'awaited', dueAt: at });
    });

    it('are released, may come back, and are given up only if they did not', async () => {
      const store = await stored();
      await store.link(LINK, NOW);
      const released = await store.link({ ...LINK, n: 5, live: false, at: NOW + 2000 }, NOW + 9000);
      expect(released).toMatchObject({ releasedAt: NOW + 2000, dueAt: NOW + 9000, n: 5 });
      await store.link({ ...LINK, n: 6 }, NOW + 3000);
      expect((await rowOf(store))?.releasedAt).toBeUndefined();
      expect(await store.giveUp(released!)).toBe(false);
      const again = await store.link({ ...LINK, n: 7, live: false }, NOW + 9000);
      expect(await store.giveUp(again!)).toBe(true);
      expect((await rowOf(store))?.state).toBe('refused');
      await store.remove('a-1');
      await store.remove('a-1');
      expect(await rowOf(store)).toBeUndefined();
    });

    it('are kept, without making one that is gone', async () => {
      const store = await stored();
      await store.keep('a-1');
      await store.keep('nothing');
      expect((await rowOf(store))?.kept).toBe(true);
      expect(await rowOf(store, 'nothing')).toBeUndefined();
    });

    it('are due in order of time until they are put off, by who saw the last change', async () => {
      const store = await stored();
      await store.announce(announced({ id: 'a-0', dueAt: NOW + 400 }), NOW);
      await store.announce(announced({ id: 'a-2', dueAt: NOW + 700 }), NOW);
      expect(await store.due(NOW + 399, 10)).toEqual([]);
      expect(await store.due(NOW + 600, 10)).toEqual(['a-0', 'a-1']);
      expect(await store.due(NOW + 900, 2)).toEqual(['a-0', 'a-1']);
      const read = (await rowOf(store))!;
      await store.postpone(read, undefined, 1);
      await store.postpone(read, NOW + 1, 2);
      expect(await rowOf(store)).toMatchObject({ looks: 1 });
      expect(await store.due(NOW + 900, 10)).toEqual(['a-0', 'a-2']);
      await store.postpone({ ...read, looks: 1, dueAt: undefined as never }, NOW + 800, 1);
      expect(await store.due(NOW + 900, 10)).toEqual(['a-0', 'a-2', 'a-1']);
      await store.postpone({ ...read, id: 'nothing' }, NOW, 0);
      expect(await rowOf(store, 'nothing')).toBeUndefined();
    });
  });
}
