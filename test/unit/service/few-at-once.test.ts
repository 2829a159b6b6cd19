import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fewAtOnce } from '../../../src/service/few-at-once.ts';

describe('fewAtOnce', () => {
  it('runs every job once, and never more at a time than it was told', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 8 }), fc.array(fc.nat(3), { maxLength: 30 }), async (atOnce, turns) => {
        const ran: number[] = [];
        let inFlight = 0;
        let most = 0;
        const jobs = turns.map((wait, i) => async () => {
          most = Math.max(most, ++inFlight);
          for (let turn = 0; turn <= wait; turn++) await Promise.resolve();
          ran.push(i);
          inFlight--;
        });
        await fewAtOnce(atOnce, jobs);
        expect([...ran].sort((a, b) => a - b)).toEqual(turns.map((_, i) => i));
        expect(most).toBe(Math.min(atOnce, turns.length));
      }),
    );
  });

  it('throws the first failure, and begins no further job', async () => {
    const begun: number[] = [];
    const jobs = Array.from({ length: 20 }, (_, i) => async () => {
      begun.push(i);
      await Promise.resolve();
      if (i === 2) throw new Error('third');
    });
    await expect(fewAtOnce(4, jobs)).rejects.toThrow('third');
    // Those beside it may have gone one further before it failed.
    expect(begun.length).toBeLessThanOrEqual(8);
  });
});
