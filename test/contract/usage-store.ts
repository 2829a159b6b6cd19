import { describe, expect, it } from 'vitest';
import type { UsageStore } from '../../src/service/ports/usage-store.ts';

const DAY = '2026-11-25';

/** What any store of usage must do (design 3, `usage`). */
export function usageStoreContract(create: () => Promise<UsageStore>): void {
  describe('usage store', () => {
    it('adds up the parts of a day, and knows how far each has come', async () => {
      const store = await create();
      expect(await store.reached(DAY, 'a')).toBeUndefined();
      expect(await store.day(DAY)).toEqual({});
      expect(await store.add(DAY, 'a', { reached: undefined, order: '01', counts: { actions: 2, success: 2 } })).toBe(true);
      expect(await store.add(DAY, 'a', { reached: '01', order: '02', counts: { actions: 3 } })).toBe(true);
      expect(await store.add(DAY, 'b', { reached: undefined, order: '07', counts: { actions: 10, rejected: 1 } })).toBe(true);
      expect(await store.add('2026-11-26', 'a', { reached: undefined, order: '03', counts: { actions: 100 } })).toBe(true);
      expect(await store.reached(DAY, 'a')).toBe('02');
      expect(await store.day(DAY)).toEqual({ actions: 15, success: 2, rejected: 1 });
    });

    it('writes nothing when the part has come further, or not as far', async () => {
      const store = await create();
      await store.add(DAY, 'a', { reached: undefined, order: '01', counts: { actions: 2 } });
      expect(await store.add(DAY, 'a', { reached: undefined, order: '02', counts: { actions: 1 } })).toBe(false);
      expect(await store.add(DAY, 'a', { reached: '00', order: '02', counts: { actions: 1 } })).toBe(false);
      expect(await store.reached(DAY, 'a')).toBe('01');
      expect(await store.day(DAY)).toEqual({ actions: 2 });
      const racing = await Promise.all([1, 2, 3].map((i) => store.add(DAY, 'a', { reached: '01', order: `0${i + 1}`, counts: { actions: 1 } })));
      expect(racing.filter(Boolean)).toHaveLength(1);
      expect(await store.day(DAY)).toEqual({ actions: 3 });
    });
  });
}
