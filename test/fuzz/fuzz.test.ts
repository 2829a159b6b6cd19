import { afterAll, beforeAll, expect, it } from 'vitest';
import { TOKEN_ROUTES } from '../support/edge.ts';
import { samplesOf } from './input/samples.ts';
import { fuzz } from './play.ts';
import { MemoryTarget } from './target/memory-target.ts';

let target: MemoryTarget;
beforeAll(async () => {
  target = await MemoryTarget.start();
});
afterAll(() => target.stop());

it('hostile requests are made of good ones for every route that needs a token', async () => {
  const routes = new Set(samplesOf(await target.seeds()).map(({ route }) => route));
  expect([...routes].sort()).toEqual([...TOKEN_ROUTES].sort());
});

it('2,000 hostile requests get no 5xx, store nothing when refused, and wake nobody (P10, P12)', async () => {
  const seed = Number(process.env['FUZZ_SEED'] ?? Math.trunc(Math.random() * 2 ** 31));
  const tally = await fuzz(target, 2000, seed);
  // What is hostile is of no use if nothing of it is understood, or nothing refused.
  for (const answer of ['200', '400 malformed_json', '400 malformed_request', '401 unauthorized', '403 forbidden', '404 not_found', '422 validation_failed']) {
    expect(tally.get(answer) ?? 0, answer).toBeGreaterThan(10);
  }
});
