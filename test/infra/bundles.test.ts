import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bundleFunctions } from '../../tools/bundle-functions.ts';
import { ACCESS } from '../../lib/access.ts';

/** Most kilobytes (1,024 bytes) of a function's code: cold starts pay for every one. */
const BUDGET_KB: Record<string, number> = { upload: 400, health: 43 };
const BUDGET_OTHERS_KB = 450;

describe('the code of a function', () => {
  test('stays within its budget', async () => {
    const folder = await bundleFunctions();
    const sizes = Object.keys(ACCESS).map(async (name) => {
      const { size } = await stat(join(folder, name, 'index.cjs'));
      const budget = BUDGET_KB[name] ?? BUDGET_OTHERS_KB;
      return { name, kb: Math.ceil(size / 1024), within: size <= budget * 1024 };
    });
    expect((await Promise.all(sizes)).filter(({ within }) => !within)).toEqual([]);
  });
});
