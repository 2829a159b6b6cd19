import { compareLines } from '../adapters/diff3/compare-lines.ts';
import { bury } from '../service/dead-letter.ts';
import { requeue, type Requeued } from '../service/requeue.ts';
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
  return scheduleHandler<Swept | Requeued>(composeRuntime(env), (deps, event) => (asksRequeue(event) ? requeue(deps) : sweep(deps)));
}

function asksRequeue(event: unknown): boolean {
  return typeof event === 'object' && event !== null && 'action' in event && event.action === 'requeue';
}
