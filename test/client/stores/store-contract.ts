import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store, StoreTx } from '../../../client/src/store.ts';
import type { Json } from '../../../client/src/wire.ts';

/** Opens stores on one disk; `open` again is the app after a restart, or another tab. */
export type Disk = { open(): Store; wipe(): Promise<void> };

/** What every store of the phone must do (client/src/store.ts). */
export function storeContract(name: string, newDisk: () => Promise<Disk>): void {
  describe(`a store in ${name}`, () => {
    let disk: Disk;
    let stores: Store[];
    const open = () => {
      const store = disk.open();
      stores.push(store);
      return store;
    };

    beforeEach(async () => {
      disk = await newDisk();
      stores = [];
    });
    afterEach(async () => {
      for (const store of stores) await store.close().catch(() => undefined);
      await disk.wipe();
    });

    const all = (store: Store, prefix = '') => store.transact((tx) => tx.scan(prefix));
    const count = async (tx: StoreTx) => {
      const n = ((await tx.get('n')) as number | undefined) ?? 0;
      await tx.put('n', n + 1);
    };

    it('gives back what was put, whatever JSON it is', async () => {
      const store = open();
      const values: Json[] = [null, false, 0, -1.5, '', 'ümläut \u{1f600} \u0000', [], [1, [2]], {}, { a: { b: null }, 'x/y': '"' }];
      await store.transact(async (tx) => {
        for (const [i, value] of values.entries()) await tx.put(`v/${i}`, value);
      });
      for (const [i, value] of values.entries()) expect(await store.transact((tx) => tx.get(`v/${i}`))).toEqual(value);
      expect(await store.transact((tx) => tx.get('v/none'))).toBeUndefined();
    });

    it('scans a prefix in the order of keys, and nothing beside it', async () => {
      const store = open();
      await store.transact(async (tx) => {
        for (const key of ['a/2', 'b', 'a/10', 'a', 'a/', 'a/~', 'a0', 'A/1', 'a/%20']) await tx.put(key, key);
      });
      expect((await all(store, 'a/')).map(([key]) => key)).toEqual(['a/', 'a/%20', 'a/10', 'a/2', 'a/~']);
      expect((await all(store)).map(([, value]) => value)).toEqual(['A/1', 'a', 'a/', 'a/%20', 'a/10', 'a/2', 'a/~', 'a0', 'b']);
    });

    it('sees its own writes within a transaction', async () => {
      const store = open();
      await store.transact((tx) => tx.put('k', 1));
      const seen = await store.transact(async (tx) => {
        await tx.put('k', 2);
        await tx.put('l', 3);
        const before = await tx.scan('');
        await tx.delete('k');
        return { before, after: await tx.scan(''), got: await tx.get('k') };
      });
      expect(seen).toEqual({ before: [['k', 2], ['l', 3]], after: [['l', 3]], got: undefined });
    });

    it('keeps nothing of a transaction that fails, and goes on', async () => {
      const store = open();
      await store.transact((tx) => tx.put('kept', 1));
      const failing = store.transact(async (tx) => {
        await tx.put('lost', 1);
        await tx.delete('kept');
        throw new Error('on purpose');
      });
      await expect(failing).rejects.toThrow('on purpose');
      expect(await all(store)).toEqual([['kept', 1]]);
    });

    it('keeps what it was given over a restart', async () => {
      const before = open();
      await before.transact((tx) => tx.put('k', { deep: ['x'] }));
      await before.close();
      expect(await all(open())).toEqual([['k', { deep: ['x'] }]]);
    });

    it('answers nothing any more once it is closed, and lets what runs end', async () => {
      const store = open();
      const running = store.transact((tx) => tx.put('k', 1));
      await store.close();
      await running;
      await expect(store.transact((tx) => tx.get('k'))).rejects.toThrow('closed');
      expect(await all(open())).toEqual([['k', 1]]);
    });

    it('runs transactions one after the other, also those of another process on the same data', async () => {
      const here = open();
      const there = open();
      await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? here : there).transact(count)));
      expect(await there.transact((tx) => tx.get('n'))).toBe(20);
    });

    it('does not let the caller change what it keeps', async () => {
      const store = open();
      const value = { list: [1] };
      await store.transact((tx) => tx.put('k', value));
      value.list.push(2);
      const first = (await store.transact((tx) => tx.get('k'))) as typeof value;
      first.list.push(3);
      expect(await store.transact((tx) => tx.get('k'))).toEqual({ list: [1] });
    });

    it('tells of what others wrote, if it can, and of nothing else', async () => {
      const here = open();
      if (!here.onOthersWrite) return;
      let heard = 0;
      const stop = here.onOthersWrite(() => heard++);
      await here.transact((tx) => tx.put('mine', 1));
      await here.transact((tx) => tx.get('mine'));
      expect(heard).toBe(0);
      await open().transact((tx) => tx.put('theirs', 1));
      await expect.poll(() => heard).toBe(1);
      stop();
    });

    it('keeps bytes beside the map, whole, over a restart, and apart from what transactions see', async () => {
      const before = open();
      const large = new Uint8Array(3_000_000).map((_, i) => (i * 7) % 256);
      await before.bytes!.put('a', large);
      await before.bytes!.put('b', new Uint8Array(0));
      await before.bytes!.put('b', new Uint8Array([0, 255, 1]));
      await before.transact((tx) => tx.put('a', 'of the map'));
      expect(await all(before)).toEqual([['a', 'of the map']]);
      await before.close();
      const store = open();
      const found = await store.bytes!.get('a');
      expect([found?.length, found?.every((byte, i) => byte === large[i])]).toEqual([large.length, true]);
      expect([...(await store.bytes!.get('b'))!]).toEqual([0, 255, 1]);
      expect(await store.bytes!.names()).toEqual(['a', 'b']);
      await store.bytes!.delete('a');
      await store.bytes!.delete('a');
      expect(await store.bytes!.get('a')).toBeUndefined();
      expect(await store.bytes!.names()).toEqual(['b']);
      expect(await store.transact((tx) => tx.get('a'))).toBe('of the map');
    });

    it('keeps bytes while transactions run, and does not let the caller change them', async () => {
      const store = open();
      const mine = new Uint8Array([1, 2, 3]);
      await Promise.all([store.transact(count), store.bytes!.put('k', mine), store.transact(count), store.bytes!.put('l', mine)]);
      mine[0] = 9;
      const first = (await store.bytes!.get('k'))!;
      first[1] = 9;
      expect([...(await store.bytes!.get('k'))!]).toEqual([1, 2, 3]);
      expect(await store.transact((tx) => tx.get('n'))).toBe(2);
    });

    it('takes thousands of entries in one transaction', async () => {
      const store = open();
      await store.transact(async (tx) => {
        for (let i = 0; i < 3000; i++) await tx.put(`k/${String(i).padStart(5, '0')}`, { i, text: 'x'.repeat(50) });
      });
      const found = await all(store, 'k/');
      expect(found).toHaveLength(3000);
      expect(found.at(-1)).toEqual(['k/02999', { i: 2999, text: 'x'.repeat(50) }]);
    });
  });
}
