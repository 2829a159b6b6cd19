import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Faults } from './core/faults.ts';
import { Draws } from './core/random.ts';
import { Scheduler } from './core/scheduler.ts';
import { Task } from './core/task.ts';
import { play } from './run.ts';
import { generate } from './scenario/generate.ts';

async function resting(depth: number): Promise<void> {
  for (let i = 0; i < depth; i++) await Promise.resolve();
}

describe('virtual time', () => {
  it('runs events in order of their times, those of one time in the order of their making', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(20), { maxLength: 60 }), async (times) => {
        const scheduler = new Scheduler(0);
        const seen: number[] = [];
        for (const [i, time] of times.entries()) scheduler.at(time, () => seen.push(i));
        await scheduler.run(() => false);
        const order = times.map((_, i) => i).sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b);
        expect(seen).toEqual(order);
      }),
    );
  });

  it('lets everything come to rest between two events, however deep it awaits', async () => {
    const scheduler = new Scheduler(0);
    const seen: string[] = [];
    scheduler.at(1, () => void resting(5000).then(() => seen.push('rest of the first')));
    scheduler.at(2, () => seen.push('second'));
    await scheduler.run(() => false);
    expect(seen).toEqual(['rest of the first', 'second']);
  });

  it('never goes back, and does not run what is past before what is going on has come to rest', async () => {
    const scheduler = new Scheduler(0);
    const seen: number[] = [];
    scheduler.at(10, () => scheduler.at(3, () => seen.push(scheduler.now)));
    await scheduler.run(() => false);
    expect(seen).toEqual([10]);
  });
});

describe('a task', () => {
  const stage = (planned: [string, 'kill before' | 'kill after' | 'trouble before' | 'trouble after'][]) => {
    const scheduler = new Scheduler(0);
    return { scheduler, faults: new Faults(1, { planned: new Map(planned) }), trace: () => {}, sometimes: () => {} };
  };

  it.each([
    ['kill before', 0, 'nothing more'],
    ['kill after', 1, 'nothing more'],
    ['trouble before', 0, 'trouble'],
    ['trouble after', 1, 'trouble'],
  ] as const)('that meets "%s" has done %i of its effects and hears %s', async (fault, effects, heard) => {
    const set = stage([['worker @0', fault]]);
    const task = new Task(set, 'worker');
    let done = 0;
    let word = 'nothing more';
    task.step('log.put', async () => done++, () => '').then(() => (word = 'an answer'), () => (word = 'trouble'));
    await set.scheduler.run(() => false);
    expect([done, word]).toEqual([effects, heard]);
  });
});

describe('a seed', () => {
  it('gives the same run each time, step by step', async () => {
    for (const seed of [3, 4]) {
      const [first, second] = [await play(generate(seed), { tracing: true }), await play(generate(seed), { tracing: true })];
      expect(first.lines.length).toBeGreaterThan(200);
      expect(second.lines).toEqual(first.lines);
    }
  });

  it('draws each decision by name: what is left out changes nothing else', () => {
    const [a, b] = [new Draws(7, 'a'), new Draws(7, 'b')];
    a.next();
    const untouched = new Draws(7, 'b');
    expect([b.next(), b.next()]).toEqual([untouched.next(), untouched.next()]);
    expect(new Draws(8, 'b').next()).not.toBe(new Draws(7, 'b').next());
  });
});
