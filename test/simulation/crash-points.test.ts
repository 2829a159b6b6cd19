import { describe, expect, it } from 'vitest';
import type { Fault } from './core/faults.ts';
import { play } from './run.ts';
import { bundle } from './runner/bundle.ts';
import type { Job } from './runner/player.ts';
import { playInThreads } from './runner/pool.ts';
import { CRASH_STORIES, type CrashStory } from './scenario/crash-stories.ts';

const FAULTS: readonly Fault[] = ['kill before', 'kill after', 'trouble after'];
const TIMEOUT_MS = 10 * 60_000;

/** Every step of every task of a story, with each fault; rounds of the sweeper that found nothing are all alike. */
async function pointsOf(story: CrashStory): Promise<Job[]> {
  const { failure, tasks } = await play(CRASH_STORIES[story]());
  expect(failure).toBeUndefined();
  const busy = tasks.filter(({ name, steps }) => !(name.startsWith('sweeper') && steps === 1));
  return busy.flatMap(({ name, steps }) =>
    Array.from({ length: steps }, (_, step) => FAULTS.map((fault) => ({ story, step: `${name} @${step}`, fault }))).flat(),
  );
}

describe('a fault at every single step', () => {
  it.each(Object.keys(CRASH_STORIES) as CrashStory[])('of the story "%s" is healed: nothing lost, nothing twice (P1, P2, P13)', { timeout: TIMEOUT_MS }, async (story) => {
    const jobs = await pointsOf(story);
    const functions = new Set(jobs.map((job) => ('step' in job ? job.step.replace(/^\S+-\d /, '').split(' ')[0] : '')));
    expect(functions.size).toBeGreaterThan(2);
    const played = await playInThreads(await bundle(), jobs, { stopAtFailure: true });
    expect(played.filter(({ failure }) => failure).map(({ job, failure }) => ({ ...job, ...failure }))).toEqual([]);
    expect(played).toHaveLength(jobs.length);
  });
});
