import { parentPort } from 'node:worker_threads';
import type { Fault } from '../core/faults.ts';
import { play, type RunResult } from '../run.ts';
import { CRASH_STORIES, type CrashStory } from '../scenario/crash-stories.ts';
import { generate } from '../scenario/generate.ts';

/** What a thread is asked to play: a seed's story, or a fixed one with a fault at a named step. */
export type Job = { seed: number } | { story: CrashStory; step: string; fault: Fault };

/** What came of it. */
export type Played = { job: Job; steps: number } & Pick<RunResult, 'failure' | 'sometimes'>;

/** Never throws: a story that can't be told or played is a failure of its own. */
export async function playJob(job: Job): Promise<Played> {
  try {
    const { failure, sometimes, steps } = await resultOf(job);
    return { job, failure, sometimes, steps };
  } catch (error) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { job, steps: 0, sometimes: new Map(), failure: { property: 'simulation', check: 'story', detail } };
  }
}

function resultOf(job: Job): Promise<RunResult> {
  if ('seed' in job) return play(generate(job.seed));
  return play(CRASH_STORIES[job.story](), { planned: new Map([[job.step, job.fault]]) });
}

parentPort?.on('message', (jobs: Job[]) => void playAll(jobs));

async function playAll(jobs: readonly Job[]): Promise<void> {
  const played: Played[] = [];
  for (const job of jobs) played.push(await playJob(job));
  parentPort?.postMessage(played);
}
