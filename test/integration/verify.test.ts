import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verifyAll } from '../../src/service/verify.ts';
import { steps, Walk } from '../support/walk.ts';

describe('a verification of whatever phones did and workers died of', { timeout: 300_000 }, () => {
  it('calls nothing damaged on the way, and finds nothing at rest (P13)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), steps, async (seed, path) => {
        const walk = new Walk(seed);
        for (const step of path) {
          await walk.take(step);
          if (step.kind === 'worker dies' || step.kind === 'workers cross') expect(await findings(walk, 'damage')).toEqual([]);
        }
        await walk.comeToRest();
        expect(await findings(walk)).toEqual([]);
      }),
      { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 40) },
    );
  });
});

async function findings(walk: Walk, weight?: 'damage') {
  const all = [];
  for await (const { scope, findings: found } of verifyAll(walk.world.deps)) {
    all.push(...found.filter((finding) => weight === undefined || finding.weight === weight).map((finding) => ({ scope, ...finding })));
  }
  return all;
}
