import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Job, Played } from './player.ts';

/** Jobs that a thread is given at once, if not said otherwise: few enough to stop soon, enough to keep it busy. */
const AT_ONCE = 8;
/** No run of a few stories takes this long, unless the code under test never returns, ms. */
const STUCK_MS = 120_000;

export type PoolOptions = { threads?: number; atOnce?: number; onPlayed?: (played: Played) => void; stopAtFailure?: boolean; stuckMs?: number };

/**
 * Plays jobs in threads of their own, with the script that `bundle` made. Results in the order of the jobs; with
 * `stopAtFailure` those up to some failure only. A thread that never answers counts as a failure of its first job.
 */
export async function playInThreads(script: string, jobs: readonly Job[], options: PoolOptions = {}): Promise<Played[]> {
  const played = new Map<Job, Played>();
  const { atOnce = AT_ONCE } = options;
  let next = 0;
  let stopped = false;
  const unplayed: Job[] = [];
  const take = (): Job[] => {
    if (stopped) return [];
    if (unplayed.length > 0) return unplayed.splice(0, atOnce);
    const taken = jobs.slice(next, next + atOnce);
    next += taken.length;
    return taken;
  };
  const keep = (results: readonly Played[], asked: readonly Job[]) => {
    for (const [i, result] of results.entries()) {
      const job = asked[i];
      if (!job) continue;
      played.set(job, result);
      options.onPlayed?.(result);
      if (result.failure && options.stopAtFailure) stopped = true;
    }
    unplayed.push(...asked.slice(results.length));
  };
  const threads = Math.min(options.threads ?? availableParallelism(), Math.ceil(jobs.length / atOnce));
  await Promise.all(Array.from({ length: threads }, () => thread(script, { take, keep, stuckMs: options.stuckMs ?? STUCK_MS })));
  return jobs.flatMap((job) => played.get(job) ?? []);
}

type Lane = { take: () => Job[]; keep: (played: readonly Played[], jobs: readonly Job[]) => void; stuckMs: number };

async function thread(script: string, { take, keep, stuckMs }: Lane): Promise<void> {
  let worker = new Worker(script, { eval: true });
  try {
    for (let jobs = take(); jobs.length > 0; jobs = take()) {
      const played = await ask(worker, jobs, stuckMs);
      keep(played, jobs);
      if (played.length === jobs.length) continue;
      // It is broken: what it had before it is played by another.
      await worker.terminate();
      worker = new Worker(script, { eval: true });
    }
  } finally {
    await worker.terminate();
  }
}

function ask(worker: Worker, jobs: readonly Job[], stuckMs: number): Promise<Played[]> {
  return new Promise((resolve) => {
    const broken = (detail: string) => {
      const [job] = jobs;
      if (job) done([{ job, steps: 0, sometimes: new Map(), failure: { property: 'simulation', check: 'thread', detail } }]);
    };
    const onError = (error: unknown) => broken(error instanceof Error ? (error.stack ?? error.message) : String(error));
    const stuck = setTimeout(() => broken('the code under test never comes to rest'), stuckMs);
    const done = (played: Played[]) => {
      clearTimeout(stuck);
      worker.off('message', done).off('error', onError);
      resolve(played);
    };
    worker.once('message', done);
    worker.once('error', onError);
    worker.postMessage(jobs);
  });
}
