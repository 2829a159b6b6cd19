import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ACCESS } from '../../lib/access.ts';
import { bundleFunctions } from '../../tools/bundle-functions.ts';
import type { Figure, Progress, Report } from '../report/figure.ts';

/** Most kilobytes (1,000 bytes) of a function's code: cold starts pay for every one. */
const GOALS: Readonly<Record<string, number>> = { upload: 400, health: 40 };
const GOAL_OF_OTHERS = 450;

/** The size of every function's code, in one file each. */
export async function bundleSizes(): Promise<Figure[]> {
  const folder = await bundleFunctions();
  return Promise.all(Object.keys(ACCESS).map(async (name) => {
    const { size } = await stat(join(folder, name, 'index.cjs'));
    return { name: `${name.replaceAll('-', '_')}_bundle_kb`, value: size / 1000, unit: 'KB', goal: GOALS[name] ?? GOAL_OF_OTHERS };
  }));
}

export async function bundles(progress: Progress): Promise<Report> {
  progress('building');
  return { figures: await bundleSizes(), tables: [] };
}
