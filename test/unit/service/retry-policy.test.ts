import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { resendDelayMs, revivalDelayMs, untried, workerDelaySeconds } from '../../../src/service/retry-policy.ts';
import { MINUTE } from './rows.ts';

const receives = fc.integer({ min: 0, max: 2000 });
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test('the sweeper waits 2, 4, 8 and then always 15 minutes', () => {
  expect([0, 1, 2, 3, 4, 5, 1000].map((sends) => resendDelayMs(sends) / MINUTE)).toEqual([2, 2, 4, 8, 15, 15, 15]);
});

test('a row that was not sent yet is left alone for two minutes', () => {
  expect(untried(1000)).toMatchObject({ state: 'pending', sends: 1, dueAt: 1000 + 2 * MINUTE });
});

test('coming back from the dead letters takes longer each time, and never longer than the sweeper waits at most', () => {
  expect([1, 2, 3, 1000].map((sends) => revivalDelayMs(sends) / MINUTE)).toEqual([4, 8, 15, 15]);
});

test('a redelivery waits whole seconds, at least one, at most a minute', () => {
  fc.assert(
    fc.property(receives, chance, (count, random) => {
      const seconds = workerDelaySeconds(count, random);
      expect(Number.isInteger(seconds)).toBe(true);
      expect(seconds).toBeGreaterThanOrEqual(1);
      expect(seconds).toBeLessThanOrEqual(60);
    }),
  );
});

test('a later receive never waits less, whatever the chances: its shortest is the former one’s longest', () => {
  for (let count = 1; count < 6; count++) {
    expect(workerDelaySeconds(count + 1, 0)).toBeGreaterThanOrEqual(workerDelaySeconds(count, 0.999) - 1);
  }
  expect(workerDelaySeconds(5, 0)).not.toBe(workerDelaySeconds(5, 0.999));
});
