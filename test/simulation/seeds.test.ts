import { describe, expect, it } from 'vitest';
import { bundle } from './runner/bundle.ts';
import { playInThreads } from './runner/pool.ts';
import { missing, tally } from './runner/sometimes.ts';

/** Stories that every test run plays; 100,000 by hand: `npm run simulate -- --seeds 100000`. */
const SEEDS = 2000;
const TIMEOUT_MS = 15 * 60_000;

describe('the backend in virtual time, with everything going wrong that its ports allow', () => {
  it(`keeps P1, P2, P3, P4, P5, P6, P7, P8, P9, P10, P12, P13, P14 over ${SEEDS} stories, in which all that matters happened`, { timeout: TIMEOUT_MS }, async () => {
    const jobs = Array.from({ length: SEEDS }, (_, i) => ({ seed: i + 1 }));
    const played = await playInThreads(await bundle(), jobs, { stopAtFailure: true });
    const failed = played.filter(({ failure }) => failure).map(({ job, failure }) => ({ ...job, ...failure }));
    expect(failed, 'npm run simulate -- --seeds 1 --seed <seed> tells it in short').toEqual([]);
    expect(played).toHaveLength(SEEDS);
    expect(missing(tally(played))).toEqual([]);
  });
});
