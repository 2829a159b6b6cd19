import { describe, expect, it } from 'vitest';
import { encodeCursor } from '../../src/engine/cursor.ts';
import type { DeviceState, DeviceStore } from '../../src/service/ports/device-store.ts';
import { T0 } from '../support/builders.ts';

const NEW: DeviceState = {
  user: 'alice', device: 'phone', lastUpload: 0, lastDownload: 0, syncVersion: 0, uploads: 0, info: {}, presented: 0,
  intake: { span: 0, actions: 0 }, bytesIn: 0, bytesOut: 0,
};

const UPLOAD = { at: T0, info: {}, presented: 0 };

/** What any device store must do (design 3, `client_sync_state`). */
export function deviceStoreContract(create: () => Promise<DeviceStore>): void {
  describe('device store', () => {
    it('knows nothing of a device that never came', async () => {
      const store = await create();
      expect(await store.get('alice', 'phone')).toBeUndefined();
      expect(await store.remembered('alice', 'phone')).toEqual({ entries: [], revision: 0 });
    });

    it('counts uploads, each with a number of its own, and gives the row after', async () => {
      const store = await create();
      const first = await store.countUpload('alice', 'phone', { at: T0, info: { platform: 'ios', model: '' }, presented: T0 - 5 });
      expect(first).toStrictEqual({ ...NEW, lastUpload: T0, syncVersion: 1, uploads: 1, info: { platform: 'ios', model: '' }, presented: T0 - 5 });
      const many = await Promise.all(Array.from({ length: 6 }, () => store.countUpload('alice', 'phone', UPLOAD)));
      expect(many.map((row) => row?.uploads).sort()).toEqual([2, 3, 4, 5, 6, 7]);
      expect((await store.get('alice', 'phone'))?.uploads).toBe(7);
    });

    it('counts an upload only if there is room for its actions in its span of time, also when many come at once', async () => {
      const store = await create();
      const known = await store.countUpload('alice', 'phone', { ...UPLOAD, intake: { actions: 4, most: 10, span: 7, known: undefined } });
      const take = (actions: number, span: number, presented = 0) =>
        store.countUpload('alice', 'phone', { ...UPLOAD, presented, intake: { actions, most: 10, span, known } });
      expect(known).toMatchObject({ uploads: 1, intake: { span: 7, actions: 4 } });
      expect(await take(7, 7)).toBeUndefined();
      const many = await Promise.all([1, 2, 3, 4, 5].map((i) => take(2, 7, i)));
      expect(many.filter((row) => row === undefined)).toHaveLength(2);
      expect(await store.get('alice', 'phone')).toMatchObject({ uploads: 4, intake: { span: 7, actions: 10 } });
      // Nothing new always has room, and a clock that is behind counts where the others are.
      expect(await take(0, 7)).toMatchObject({ uploads: 5 });
      expect(await take(1, 6)).toBeUndefined();
      const next = await Promise.all(Array.from({ length: 5 }, () => take(3, 8)));
      expect(next.filter((row) => row === undefined)).toHaveLength(2);
      expect(await store.get('alice', 'phone')).toMatchObject({ uploads: 8, intake: { span: 8, actions: 9 } });
    });

    it('gives so many devices of a user a place, also when they come at once, and each keeps its own', async () => {
      const store = await create();
      const given = await Promise.all(Array.from({ length: 12 }, (_, i) => store.admit('alice', `d-${i}`, 5)));
      expect(given.filter(Boolean)).toHaveLength(5);
      expect(await Promise.all(given.map((_, i) => store.admit('alice', `d-${i}`, 5)))).toEqual(given);
      expect(await store.admit('bob', 'd-0', 5)).toBe(true);
      expect(await store.list('alice', '', 100)).toEqual({ rows: [] });
      expect((await store.listAll('', 100)).rows).toEqual([]);
    });

    it('keeps what a device says of itself until it says otherwise', async () => {
      const store = await create();
      await store.countUpload('alice', 'phone', { ...UPLOAD, info: { platform: 'ios', app_version: '1' } });
      await store.countUpload('alice', 'phone', { ...UPLOAD, info: { app_version: '2', os_version: 'x' } });
      expect((await store.get('alice', 'phone'))?.info).toStrictEqual({ platform: 'ios', app_version: '2', os_version: 'x' });
    });

    it('lets what was presented only grow', async () => {
      const store = await create();
      const presented = async () => (await store.get('alice', 'phone'))?.presented;
      await store.noteDownload('alice', 'phone', { at: T0, counts: true, presented: 0 });
      await store.noteDownload('alice', 'phone', { at: T0, counts: false, presented: 50 });
      await store.countUpload('alice', 'phone', { ...UPLOAD, presented: 40 });
      expect(await presented()).toBe(50);
      await store.noteDownload('alice', 'phone', { at: T0, counts: true, presented: 0 });
      await store.countUpload('alice', 'phone', { ...UPLOAD, presented: 50 });
      expect(await presented()).toBe(50);
      await store.countUpload('alice', 'phone', { ...UPLOAD, presented: 60 });
      expect(await presented()).toBe(60);
      expect(await store.get('alice', 'phone')).toMatchObject({ uploads: 3, syncVersion: 5, lastUpload: T0, lastDownload: T0 });
    });

    it('notes downloads, and counts those that gave something', async () => {
      const store = await create();
      await store.noteDownload('alice', 'phone', { at: T0, counts: true, presented: 0 });
      await store.noteDownload('alice', 'phone', { at: T0 + 1, counts: false, presented: 0 });
      expect(await store.get('alice', 'phone')).toStrictEqual({ ...NEW, lastDownload: T0 + 1, syncVersion: 1 });
    });

    it.each([0, 50])('makes no device of a download that gave nothing, whatever it presents: %i', async (presented) => {
      const store = await create();
      await store.noteDownload('alice', 'phone', { at: T0, counts: false, presented });
      expect(await store.get('alice', 'phone')).toBeUndefined();
    });

    it('notes a download that gave nothing, also where a newer one was presented', async () => {
      const store = await create();
      await store.noteDownload('alice', 'phone', { at: T0, counts: true, presented: 60 });
      await store.noteDownload('alice', 'phone', { at: T0 + 1, counts: false, presented: 50 });
      expect(await store.get('alice', 'phone')).toMatchObject({ lastDownload: T0 + 1, presented: 60, syncVersion: 1 });
    });

    it('lists devices of a user by id, all once, and nothing else', async () => {
      const store = await create();
      const ids = ['-', '9', 'A', '_', 'phone', 'z'];
      for (const device of [...ids].reverse()) {
        await store.countUpload('alice', device, UPLOAD);
        await store.remember('alice', device, { entries: [], revision: 0 }, [{ ts: 1, cursor: 'x' }]);
      }
      await store.countUpload('bob', 'phone', UPLOAD);
      for (const limit of [1, 4, 50]) {
        const seen: string[] = [];
        let after: string | undefined = '';
        while (after !== undefined) {
          const { rows, next }: { rows: DeviceState[]; next?: string } = await store.list('alice', after, limit);
          seen.push(...rows.map((row) => row.device));
          after = next;
        }
        expect(seen).toEqual(ids);
      }
      expect((await store.list('alice', '~', 9)).rows).toEqual([]);
    });

    it('lists all devices once', async () => {
      const store = await create();
      const places = ['alice phone', 'alice desk', 'Zoë|😀 phone', 'bob 1', 'bob 2'];
      for (const place of places) {
        const [user = '', device = ''] = place.split(' ');
        await store.countUpload(user, device, UPLOAD);
        await store.remember(user, device, { entries: [], revision: 0 }, [{ ts: 1, cursor: 'x' }]);
      }
      for (const limit of [1, 2, 50]) {
        const seen: string[] = [];
        let after: string | undefined = '';
        while (after !== undefined) {
          const { rows, next }: { rows: DeviceState[]; next?: string } = await store.listAll(after, limit);
          seen.push(...rows.map((row) => `${row.user} ${row.device}`));
          after = next;
        }
        expect([...seen].sort()).toEqual([...places].sort());
      }
      expect((await store.listAll('not a place of ours', 9)).rows.length).toBeLessThanOrEqual(places.length);
    });

    describe('remembered cursors', () => {
      const cursorAt = (at: number) =>
        encodeCursor({ epoch: 0, types: [], scopes: { 'user:Zoë': { at, skip: 0 }, 'department:roads': { from: 1, type: 'report', after: 'é' } }, ts: T0, noted: T0 });

      it('come back exactly, whatever they look like', async () => {
        const store = await create();
        const entries = [cursorAt(1), cursorAt(2), '', 'not base64!', 'YQ==', 'gA', '😀'].map((cursor, i) => ({ ts: T0 + i, cursor }));
        expect(await store.remember('alice', 'phone', { entries: [], revision: 0 }, entries)).toBe(true);
        expect(await store.remembered('alice', 'phone')).toStrictEqual({ entries, revision: 1 });
      });

      it('tell which page was lost', async () => {
        const store = await create();
        const entries = [{ ts: 1, cursor: cursorAt(1) }, { ts: 2, cursor: cursorAt(2), missed: true as const }, { ts: 3, cursor: '😀', missed: true as const }];
        await store.remember('alice', 'phone', { entries: [], revision: 0 }, entries);
        expect((await store.remembered('alice', 'phone')).entries).toStrictEqual(entries);
      });

      it('are replaced only by who read what is there', async () => {
        const store = await create();
        const nothing = await store.remembered('alice', 'phone');
        const tries = await Promise.all([1, 2, 3].map((ts) => store.remember('alice', 'phone', nothing, [{ ts, cursor: 'x' }])));
        expect(tries.filter(Boolean)).toHaveLength(1);
        const read = await store.remembered('alice', 'phone');
        expect(await store.remember('alice', 'phone', read, [{ ts: 9, cursor: 'y' }])).toBe(true);
        expect(await store.remember('alice', 'phone', read, [{ ts: 8, cursor: 'z' }])).toBe(false);
        expect((await store.remembered('alice', 'phone')).entries).toEqual([{ ts: 9, cursor: 'y' }]);
      });

      it('stand apart from the device itself', async () => {
        const store = await create();
        await store.remember('alice', 'phone', { entries: [], revision: 0 }, [{ ts: 1, cursor: 'x' }]);
        expect(await store.get('alice', 'phone')).toBeUndefined();
        await store.countUpload('alice', 'phone', UPLOAD);
        expect((await store.remembered('alice', 'phone')).revision).toBe(1);
      });
    });
  });
}
