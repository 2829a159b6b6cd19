import { createMemoryUsageStore } from '../../../src/adapters/memory/usage-store.ts';
import { compareLines } from '../../../src/adapters/diff3/compare-lines.ts';
import { createMemoryIds } from '../../../src/adapters/memory/ids.ts';
import { civic } from '../../../src/domain/civic.ts';
import type { Engine } from '../../../src/engine/context.ts';
import type { Deps } from '../../../src/service/deps.ts';
import type { Clock } from '../../../src/service/ports/clock.ts';
import type { Ids } from '../../../src/service/ports/ids.ts';
import type { Report } from '../../../src/service/ports/report.ts';
import type { Faults } from '../core/faults.ts';
import { hashText, mix } from '../core/random.ts';
import { Scheduler } from '../core/scheduler.ts';
import { Task, type Stage } from '../core/task.ts';
import { Bucket } from './bucket.ts';
import { poisoned, type Poison } from './poison.ts';
import { storePorts } from './store-ports.ts';
import { Journal, Lagging, newStores, type Stores } from './stores.ts';
import type { Watcher } from './watcher.ts';
import { WorkQueue } from './work-queue.ts';

/** When every simulation begins, ms. */
export const BEGIN = Date.UTC(2030, 0, 1);

/** A property that did not hold. `check`: which one noticed. */
export type Failure = { property: string; check: string; detail: string };

/** How a task came out; `dead`: it never answered. */
export type Ended<T> = { kind: 'done'; value: T } | { kind: 'threw'; error: unknown } | { kind: 'dead' };

const HASHES = createMemoryIds();
const conflictIdOf: Engine['conflictIdOf'] = (user, clientId) => `c-${HASHES.hash(`${user}\n${clientId}`)}`;

/** The servers' side: tables, queues, clock, and the tasks that work on them. */
export class World {
  readonly scheduler = new Scheduler(BEGIN);
  readonly faults: Faults;
  readonly queue: WorkQueue;
  readonly letters: WorkQueue;
  readonly bucket = new Bucket(this);
  readonly watchers: Watcher[] = [];
  readonly sometimes = new Map<string, number>();
  readonly lines: string[] = [];
  /** Commits that were lost on purpose, as `scope/n`. */
  readonly lost = new Set<string>();
  /** Every task that was started. */
  readonly tasks: Task[] = [];
  /** When each commit became readable, as `scope/n`. */
  readonly putAt = new Map<string, number>();
  stores: Stores;
  journal = new Journal();
  lagging: Lagging;
  epoch = 0;
  poison: Poison | undefined;
  /** Plants a defect: snapshots read from a copy that lags. */
  staleSnapshots = false;
  /** Largest difference of a function's clock from the true time, ms. */
  skewMs = 0;
  failure: Failure | undefined;
  killedWorkers = 0;
  onQueue: (group: string, at: number) => void = () => {};
  onLetters: (group: string, at: number) => void = () => {};
  readonly #running = new Set<Task>();
  readonly #tracing: boolean;
  readonly #stage: Stage;

  constructor(faults: Faults, options: { tracing?: boolean; visibilityMs: number }) {
    this.faults = faults;
    this.#tracing = options.tracing ?? false;
    const now = () => this.scheduler.now;
    this.stores = newStores(now);
    this.lagging = new Lagging(this.journal, now);
    this.queue = new WorkQueue(now, options.visibilityMs, (group, at) => this.onQueue(group, at));
    this.letters = new WorkQueue(now, options.visibilityMs, (group, at) => this.onLetters(group, at));
    this.#stage = { scheduler: this.scheduler, faults, trace: this.trace, sometimes: this.count };
  }

  get now(): number {
    return this.scheduler.now;
  }

  get running(): number {
    return this.#running.size;
  }

  /** The first failure counts; the run stops before the next step. */
  fail(property: string, check: string, detail: string): void {
    this.failure ??= { property, check, detail };
  }

  readonly count = (what: string): void => {
    this.sometimes.set(what, (this.sometimes.get(what) ?? 0) + 1);
  };

  readonly trace = (who: string, line: () => string): void => {
    if (this.#tracing) this.lines.push(`${((this.now - BEGIN) / 1000).toFixed(3).padStart(10)} s  ${who.padEnd(26)} ${line()}`);
  };

  /**
   * Runs a function's body as a task. `key`: what it is asked to do, for its decisions. Past `limitMs` it is killed as a
   * Lambda would be, or goes on late, for its last requests may be under way.
   */
  run<T>(name: string, limitMs: number, body: (deps: Deps, task: Task) => Promise<T>, key = name): Promise<Ended<T>> {
    const task = new Task(this.#stage, name, key);
    this.#running.add(task);
    this.tasks.push(task);
    return new Promise((resolve) => {
      const end = (ended: Ended<T>) => {
        if (task.ended) return;
        task.ended = true;
        this.#running.delete(task);
        resolve(ended);
      };
      task.onDeath = () => end({ kind: 'dead' });
      if (this.faults.unit(task.key, 0, 8) < 0.5) {
        this.scheduler.after(limitMs, () => {
          if (!task.ended) task.kill('time is up');
        });
      }
      body(this.#deps(task), task).then(
        (value) => end({ kind: 'done', value }),
        (error: unknown) => end({ kind: 'threw', error }),
      );
    });
  }

  /** Cuts all running tasks off: they write to tables that nobody reads any more. */
  cutOff(): void {
    for (const task of [...this.#running]) task.kill('cut off');
    // Calls of ended tasks may still be under way.
    for (const task of this.tasks) task.dead = true;
  }

  /** Goes back to the tables as they were then; the epoch grows. */
  async restore(at: number): Promise<void> {
    this.cutOff();
    this.journal.cut(at);
    this.stores = await this.journal.restore(() => this.now);
    this.lagging = new Lagging(this.journal, () => this.now);
    this.bucket.bringBack(at);
    this.epoch++;
  }

  #deps(task: Task): Deps {
    const skew = Math.round((this.faults.unit(task.key, 0, 9) * 2 - 1) * this.skewMs);
    const clock: Clock = { now: () => Math.round(this.now) + skew, sleep: (ms) => task.sleep(ms) };
    const domain = this.poison ? poisoned(civic, () => this.poison, task) : civic;
    return {
      ...storePorts(this, task),
      clock,
      // Only the streams' function and admins use it: nobody here.
      usage: createMemoryUsageStore(),
      ids: idsOf(this.faults, task),
      report: this.#reportOf(task),
      engine: { domain, compareLines, conflictIdOf },
      epoch: this.epoch,
    };
  }

  #reportOf(task: Task): Report {
    return {
      info: () => {},
      warn: (event, fields = {}) => this.trace(task.name, () => `warns ${event} ${JSON.stringify(fields)}`),
      alarm: (event, fields = {}) => {
        this.trace(task.name, () => `ALARM ${event} ${JSON.stringify(fields)}`);
        for (const watcher of this.watchers) watcher.alarmed?.(event, fields);
      },
      count: (metric) => this.count(`metric ${metric}`),
      measure: () => {},
    };
  }
}

function idsOf(faults: Faults, task: Task): Ids {
  let drawn = 0;
  const word = () => hashText(String(faults.unit(task.key, drawn++, 10))).toString(36);
  return {
    uuid: () => `${word()}-${mix(task.key, drawn).toString(36)}`,
    random: () => faults.unit(task.key, drawn++, 11),
    hash: HASHES.hash,
  };
}
