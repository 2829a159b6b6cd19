import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hunt } from './mutants/hunt.ts';
import { MUTANTS, RARE, SHOWED_AT } from './mutants/mutants.ts';
import { bundle, patched, ROOT } from './runner/bundle.ts';
import { playInThreads } from './runner/pool.ts';
import { shrink } from './runner/shrink.ts';
import { tell } from './runner/tell.ts';
import { generate } from './scenario/generate.ts';

const TIMEOUT_MS = 5 * 60_000;

describe('the checker is checked', () => {
  it('knows at least 15 defects, each by a name of its own', () => {
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
    expect(MUTANTS.length).toBeGreaterThanOrEqual(15);
    for (const name of [...RARE, ...SHOWED_AT.keys()]) expect(MUTANTS.map((mutant) => mutant.name)).toContain(name);
  });

  it('finds each defect’s place in the code of today', { timeout: TIMEOUT_MS }, async () => {
    for (const { name, patches } of MUTANTS) {
      for (const { file } of patches) patched(await readFile(join(ROOT, file), 'utf8'), file, patches);
      if (RARE.has(name)) await bundle(patches);
    }
  });

  // The others too, and at which seed each is caught: `npm run simulate:mutants`.
  it.concurrent.each(MUTANTS.filter(({ name }) => !RARE.has(name)))('notices: $name', { timeout: TIMEOUT_MS }, async (mutant) => {
    const { failure } = await hunt(mutant, { from: SHOWED_AT.get(mutant.name) ?? 1, most: 300 });
    expect(failure).toBeDefined();
  });

  it('takes code that never comes to rest for a failure, and plays on', { timeout: TIMEOUT_MS }, async () => {
    const script = await bundle([{ file: 'src/engine/plan.ts', find: '    taken++;', replace: '    for (;;);' }]);
    const played = await playInThreads(script, [{ seed: 1 }, { seed: 2 }], { stuckMs: 3000 });
    expect(played.map(({ job, failure }) => ({ job, property: failure?.property }))).toEqual([
      { job: { seed: 1 }, property: 'simulation' },
      { job: { seed: 2 }, property: 'simulation' },
    ]);
  });
});

describe('a failure', () => {
  it('shrinks to what it needs, and is told step by step', { timeout: TIMEOUT_MS }, async () => {
    const options = {
      prepare: (world: { staleSnapshots: boolean }) => {
        world.staleSnapshots = true;
      },
    };
    let seed = 1;
    const { play } = await import('./run.ts');
    while (!(await play(generate(seed), options)).failure) seed++;
    const whole = generate(seed).acts.flatMap(({ ops }) => ops).length;
    const shrunk = await shrink(generate(seed), options, 300);
    expect(shrunk.scenario.acts.flatMap(({ ops }) => ops).length).toBeLessThan(whole / 4);
    expect(tell(seed, shrunk)).toMatch(/^Seed \d+ breaks P[56] [\s\S]*Its shrunk form[\s\S]*entities\.page/);
  });
});
