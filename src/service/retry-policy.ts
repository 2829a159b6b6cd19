import type { BatchHeader } from './ports/inbox.ts';

/*
 * When things are tried again (design 4, Worker, Dead letters, Sweeper). Pure: callers bring clock and chance.
 */

/** Unknown errors at which a batch dies. */
export const UNKNOWN_ERRORS_UNTIL_DEAD = 5;

const MINUTE_MS = 60_000;
const SECOND = 1;
const LONGEST_REDELIVERY_SECONDS = 60 * SECOND;
const LONGEST_RESEND_MS = 15 * MINUTE_MS;

/**
 * How long a message stays invisible after trouble, in whole seconds from 1 to 60: doubling with each receive, spread
 * over its upper half so that scopes that failed together do not come back together. `random`: 0 ≤ x < 1.
 */
export function workerDelaySeconds(receiveCount: number, random: number): number {
  const full = Math.min(SECOND * 2 ** Math.max(0, receiveCount - 1), LONGEST_REDELIVERY_SECONDS);
  return Math.max(SECOND, Math.ceil(full / 2 + (full / 2) * random));
}

/** How long after its `sends`-th sending the sweeper sends a row again, ms: 2, 4, 8, at most 15 minutes. */
export function resendDelayMs(sends: number): number {
  return Math.min(MINUTE_MS * 2 ** Math.max(1, sends), LONGEST_RESEND_MS);
}

/** How long the sweeper leaves a row alone that is about to be sent for the first time, ms. */
function firstSendDelayMs(): number {
  return resendDelayMs(1);
}

/** How a batch stands that nobody has tried since `now`, ms, when it is about to be sent: a new one, or one given new tries. */
export function untried(now: number): Pick<BatchHeader, 'state' | 'attempts' | 'trying' | 'changedAt' | 'sends' | 'dueAt'> {
  return { state: 'pending', attempts: 0, trying: 0, changedAt: now, sends: 1, dueAt: now + firstSendDelayMs() };
}

/**
 * How long after it came to the dead letters a row is sent again, ms: a step longer than the sweeper would wait, for
 * the trouble has outlasted every redelivery, and never longer than the sweeper's longest: an outage must not kill.
 */
export function revivalDelayMs(sends: number): number {
  return resendDelayMs(sends + 1);
}
