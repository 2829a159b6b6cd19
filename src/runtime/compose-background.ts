import { compareLines } from '../adapters/diff3/compare-lines.ts';
import { bury } from '../service/dead-letter.ts';
import { SyncError } from '../service/errors.ts';
import { requeue, type Requeued, type RequeueOptions } from '../service/requeue.ts';
import { sweep, type Swept } from '../service/sweeper.ts';
import { work } from '../service/worker.ts';
import { composeRuntime } from './compose.ts';
import { queueHandler } from './queue-handler.ts';
import { scheduleHandler } from './schedule-handler.ts';
import type { Environment } from './settings.ts';

/** Takes messages of the work queue. */
export function composeWorker(env: Environment): ReturnType<typeof queueHandler> {
  return queueHandler(composeRuntime(env, compareLines), work);
}

/** Takes what the work queue gave up on. */
export function composeDeadLetter(env: Environment): ReturnType<typeof queueHandler> {
  return queueHandler(composeRuntime(env), bury);
}

/** Started every minute; ops start it with `{ "action": "requeue" }` after a restore or the loss of the queue. */
export function composeSweeper(env: Environment): ReturnType<typeof scheduleHandler<Swept | Requeued>> {
  return scheduleHandler<Swept | Requeued>(composeRuntime(env), (deps, event) => {
    const asked = requeueAsked(event);
    return asked ? requeue(deps, asked) : sweep(deps);
  });
}

/**
 * What ops ask for, with `after` and `restoredTo` (a time) if they like. Throws `SyncError` `validation_failed` for
 * others: a typing error must not look like a requeue that had nothing to do.
 */
export function requeueAsked(event: unknown): RequeueOptions | undefined {
  if (typeof event !== 'object' || event === null || !('action' in event) || event.action !== 'requeue') return undefined;
  const { action: _action, after, restoredTo, ...others } = event as Record<string, unknown>;
  const at = typeof restoredTo === 'string' ? Date.parse(restoredTo) : undefined;
  const isWrong = Number.isNaN(at) || (restoredTo !== undefined && at === undefined) || (after !== undefined && typeof after !== 'string');
  if (isWrong || Object.keys(others).length > 0) throw new SyncError('validation_failed', 'A requeue takes "after", a scope, and "restoredTo", a time.');
  return { ...(typeof after === 'string' ? { after } : {}), ...(at === undefined ? {} : { restoredTo: at }) };
}
