import { bundle } from '../runner/bundle.ts';
import { playInThreads } from '../runner/pool.ts';
import type { Failure } from '../world/world.ts';
import type { Mutant } from './mutants.ts';

/** A defect that is not noticed within so many seeds survives. */
const MOST_SEEDS = 10_000;

/** How a mutant came out: caught by this check at this seed, or not at all. */
export type Hunted = { mutant: Mutant; seed?: number; failure?: Failure };

/** Plays seeds with a defect planted, in one thread, until some check notices it: most are noticed in the first few. */
export async function hunt(mutant: Mutant, { from = 1, most = MOST_SEEDS }: { from?: number; most?: number } = {}): Promise<Hunted> {
  const script = await bundle(mutant.patches);
  const jobs = Array.from({ length: most }, (_, i) => ({ seed: from + i }));
  const played = await playInThreads(script, jobs, { threads: 1, atOnce: 2, stopAtFailure: true });
  const caught = played.find(({ failure }) => failure);
  if (!caught?.failure || !('seed' in caught.job)) return { mutant };
  return { mutant, seed: caught.job.seed, failure: caught.failure };
}

/** Hunts all, several at once. */
export async function huntAll(mutants: readonly Mutant[], atOnce: number, onHunted: (hunted: Hunted) => void): Promise<Hunted[]> {
  const rest = [...mutants];
  const hunted: Hunted[] = [];
  const lane = async () => {
    for (let mutant = rest.shift(); mutant; mutant = rest.shift()) {
      const result = await hunt(mutant);
      hunted.push(result);
      onHunted(result);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return hunted;
}
