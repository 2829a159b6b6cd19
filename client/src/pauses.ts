import type { CycleEnd } from './cycle.ts';

/** How long to wait for the next cycle, ms. `edit`: more may follow, and go along. */
export const PAUSES = { editMs: 300, firstRetryMs: 1000, longestRetryMs: 5 * 60_000, firstAskMs: 2000, longestAskMs: 60_000 } as const;

/**
 * The pause after a cycle: none that is planned (undefined), or ms. Failures wait longer each time, by chance between half
 * of it and all, so that a thousand phones do not come back at once; a server's Retry-After is the least.
 */
export function pauseAfter(end: CycleEnd, failures: number, asks: number, intervalMs: number, random: number): number | undefined {
  const spread = (ms: number) => Math.round(ms * (0.5 + random / 2));
  if (end.ok) {
    if (end.queued) return spread(Math.min(PAUSES.longestAskMs, PAUSES.firstAskMs * 2 ** asks));
    return intervalMs > 0 ? spread(intervalMs) : undefined;
  }
  // Only the app can mend these: it calls `sync()` after a sign-in, an update, a change of rights.
  if (end.halt === 'other_user' || end.halt === 'refused' || end.halt === 'forbidden') {
    return intervalMs > 0 ? spread(Math.max(intervalMs, PAUSES.longestRetryMs)) : undefined;
  }
  if (end.halt === 'overtaken') return Math.max(PAUSES.firstRetryMs, end.retryAfterMs ?? 0);
  const backoff = spread(Math.min(PAUSES.longestRetryMs, PAUSES.firstRetryMs * 2 ** failures));
  return Math.max(backoff, end.retryAfterMs ?? 0);
}
