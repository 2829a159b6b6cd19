import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ACCESS } from '../../lib/access.ts';
import { ENV, TABLE_ENV } from '../../src/runtime/env.ts';
import { bundleFunctions } from '../../tools/bundle-functions.ts';
import type { Figure, Progress, Report } from '../report/figure.ts';

const run = promisify(execFile);

/** By the clock, and of the processor: which says more while the machine has other work. */
type Times = { readonly ms: number; readonly cpuMs: number };

const TIMES = 15;
const PROBE = join(import.meta.dirname, '../probe/init.cjs');
const GOALS: Readonly<Record<string, number>> = { upload: 60 };
const NAMES = Object.values<string>({ ...TABLE_ENV, ...ENV });

/** How long the code of every function takes to load in a fresh process, over that of an empty handler. */
export async function coldStart(progress: Progress): Promise<Report> {
  const folder = await bundleFunctions();
  const scratch = await mkdtemp(join(tmpdir(), 'fieldsync-empty-'));
  try {
    await writeFile(join(scratch, 'index.cjs'), 'exports.handler = async () => {};\n');
    const functions = new Map(Object.keys(ACCESS).map((name) => [name, join(folder, name, 'index.cjs')]));
    const measured = await measure(new Map([['', join(scratch, 'index.cjs')], ...functions]), progress);
    const nothing = medians(measured.get(''));
    const figures = [...functions.keys()].flatMap((name): Figure[] => {
      const { ms, cpuMs } = medians(measured.get(name));
      const slug = name.replaceAll('-', '_');
      return [
        { name: `${slug}_init_ms_over_empty`, value: ms - nothing.ms, unit: 'ms', goal: GOALS[name] ?? null, timed: true },
        { name: `${slug}_init_cpu_ms_over_empty`, value: cpuMs - nothing.cpuMs, unit: 'ms', goal: null, timed: true },
      ];
    });
    const empty = `An empty handler takes ${nothing.ms.toFixed(1)} ms, ${nothing.cpuMs.toFixed(1)} ms of the processor`;
    return { figures, tables: [], notes: [`${empty}; medians of ${TIMES} fresh processes each.`] };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Round after round, so that a machine's mood falls on all of them alike. */
async function measure(bundles: ReadonlyMap<string, string>, progress: Progress): Promise<Map<string, Times[]>> {
  const times = new Map([...bundles.keys()].map((name) => [name, [] as Times[]]));
  const env = { ...Object.fromEntries(NAMES.map((name) => [name, '1'])), [ENV.tokenJwksUrl]: 'http://127.0.0.1:9/', AWS_REGION: 'us-east-1', POWERTOOLS_SERVICE_NAME: 'probe' };
  for (let round = 1; round <= TIMES; round++) {
    progress(`round ${round} of ${TIMES}`);
    for (const [name, file] of bundles) {
      const { stdout } = await run(process.execPath, [PROBE, file], { env });
      const [ms = Number.NaN, cpuMs = Number.NaN] = stdout.split(' ').map(Number);
      times.get(name)?.push({ ms, cpuMs });
    }
  }
  return times;
}

function medians(times: readonly Times[] = []): Times {
  return { ms: median(times.map(({ ms }) => ms)), cpuMs: median(times.map(({ cpuMs }) => cpuMs)) };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
