import { parseArgs } from 'node:util';
import { bundle } from './runner/bundle.ts';
import { playInThreads } from './runner/pool.ts';
import { shrink } from './runner/shrink.ts';
import { missing, tally } from './runner/sometimes.ts';
import { tell } from './runner/tell.ts';
import { generate } from './scenario/generate.ts';

const USAGE = `npm run simulate -- --seeds N [--seed S] [--all]: plays the N stories from seed S on (1), in virtual time.
It ends at the first that fails and tells it in its shortest form; with --all it plays them all and lists those that fail.`;

/**
 * Plays seeds. Ends with 1 if one failed, or if over 2,000 seeds something never happened that must.
 */
export async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { seeds: { type: 'string' }, seed: { type: 'string' }, all: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  const [count, first, all] = [Number(values.seeds ?? 100), Number(values.seed ?? 1), values.all === true];
  if (values.help || !(count >= 1) || !Number.isSafeInteger(first)) return say(USAGE);
  const begun = performance.now();
  let done = 0;
  const jobs = Array.from({ length: count }, (_, i) => ({ seed: first + i }));
  const played = await playInThreads(await bundle(), jobs, {
    stopAtFailure: !all,
    onPlayed: ({ job, failure }) => {
      if (all && failure && 'seed' in job) say(`Seed ${job.seed} breaks ${failure.property} (${failure.check}): ${failure.detail}`);
      if (++done % 1000 === 0) say(`${done} of ${count}`);
    },
  });
  const steps = played.reduce((sum, one) => sum + one.steps, 0);
  const seconds = (performance.now() - begun) / 1000;
  say(`${played.length} seeds, ${steps} steps, ${seconds.toFixed(1)} s, ${Math.round(steps / seconds)} steps per second`);
  const sums = tally(played);
  const failures = played.filter(({ failure }) => failure);
  const [failed] = failures;
  if (failed) process.exitCode = 1;
  if (failed && !all && 'seed' in failed.job) {
    return say(tell(failed.job.seed, await shrink(generate(failed.job.seed), {})));
  }
  for (const [what, times] of [...sums].sort()) say(`${String(times).padStart(9)}  ${what}`);
  say(`${failures.length} failed`);
  const never = count >= 2000 ? missing(sums) : [];
  if (never.length === 0) return;
  process.exitCode = 1;
  say(`Never happened: ${never.join(', ')}`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
