import type { Deps } from '../../../src/service/deps.ts';
import { HoleInLog, SyncError, Trouble } from '../../../src/service/errors.ts';
import { hashText } from '../core/random.ts';
import type { Task } from '../core/task.ts';
import type { World } from './world.ts';

/** What a phone hears: an answer, a refusal, 503, or nothing at all. */
export type Heard<T> = { kind: 'answer'; value: T } | { kind: 'refused'; error: SyncError } | { kind: 'trouble' } | { kind: 'nothing' };

const LIMIT_MS = 29_000;
/** How long a phone waits for an answer. */
export const PATIENCE_MS = 35_000;
/** Fates below: the phone gives up at once, and the server stands still for a while. */
const STALLED = 0.1;

/** 1: all goes well; below: what goes wrong with the request, drawn by name. */
function fateOf({ faults }: World, key: number, impatience: number): number {
  if (faults.rates.network > 0 && faults.unit(key, 0, 34) < impatience) return faults.unit(key, 0, 30) * STALLED;
  return faults.chance('network', key) ? faults.unit(key, 0, 30) : 1;
}

/**
 * A request over the network: it may be lost on the way there or back, or the phone gives up while the server still
 * works on it. `name`: unique per attempt. `impatience`: how often it gives up, of 1. An error that is neither refusal nor trouble is a bug (P12).
 */
export function request<T>(world: World, name: string, body: (deps: Deps, task: Task) => Promise<T>, impatience = 0): Promise<Heard<T>> {
  const { scheduler, faults } = world;
  const key = hashText(name);
  const fate = fateOf(world, key, impatience);
  // Mostly at once: the connection broke, and the next try meets the first on the server.
  const patience = fate < 0.33 ? 15 + (fate / 0.33) ** 3 * 4000 : PATIENCE_MS;
  return new Promise((resolve) => {
    const { epoch } = world;
    // What was answered from tables that are no longer, nobody hears: that world is gone.
    const hear = (heard: Heard<T>, ms: number) => scheduler.after(ms, () => resolve(epoch === world.epoch ? heard : { kind: 'nothing' }));
    hear({ kind: 'nothing' }, patience);
    if (fate >= 0.33 && fate < 0.6) return world.trace(name, () => 'is lost on its way');
    scheduler.after(3 + faults.unit(key, 0, 31) * 40, () => {
      const work = (deps: Deps, task: Task) => {
        // A request that nobody waits for any more, and that goes on when the next one is long done.
        if (fate < STALLED) task.stall = { step: 2 + Math.floor(fate * 50), ms: (0.1 + faults.unit(key, 0, 33)) * LIMIT_MS };
        return body(deps, task);
      };
      void world.run(name, LIMIT_MS, work).then((ended) => {
        if (fate < 1) {
          world.count(fate < 0.33 ? 'a phone gave up early' : 'an answer was lost on its way');
          if (fate >= 0.6) return;
        }
        const back = 3 + faults.unit(key, 0, 32) * 40;
        if (ended.kind === 'done') return hear({ kind: 'answer', value: ended.value }, back);
        // The gateway says 503 for an invocation that died.
        if (ended.kind === 'dead') return hear({ kind: 'trouble' }, back);
        const { error } = ended;
        if (error instanceof SyncError) return hear({ kind: 'refused', error }, back);
        if (error instanceof HoleInLog) world.fail('P14', 'requests', `${name} met a hole at ${error.scope} ${error.missing}`);
        else if (!(error instanceof Trouble)) world.fail('P12', 'requests', `${name} threw ${String(error)} ${error instanceof Error ? error.stack : ''}`);
        hear({ kind: 'trouble' }, back);
      });
    });
  });
}
