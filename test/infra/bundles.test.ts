import { expect, test } from 'vitest';
import { missed } from '../../bench/report/figure.ts';
import { bundleSizes } from '../../bench/sections/bundles.ts';
import { ACCESS } from '../../lib/access.ts';

test('the code of every function stays within its budget', async () => {
  const figures = await bundleSizes();
  expect(figures).toHaveLength(Object.keys(ACCESS).length);
  expect(missed(figures).map(({ name, value, goal }) => `${name}: ${value}, at most ${goal}`)).toEqual([]);
});
