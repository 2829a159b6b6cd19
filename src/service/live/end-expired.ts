import { nameOf } from '../redo.ts';
import { fewAtOnce } from '../few-at-once.ts';
import { end } from './connect.ts';
import type { LiveDeps } from './deps.ts';

const MINUTE_MS = 60_000;
/** Minutes back that a run looks, beside its own: runs may be missed, and closing may fail. */
const MINUTES_BACK = 3;
const AT_ONCE = 32;

/**
 * Closes the connections whose token has expired (P10), every minute. Pokes and pings find them too; this is for those
 * that say and hear nothing.
 */
export async function endExpired(deps: LiveDeps): Promise<{ ended: number; failed: number }> {
  const now = deps.clock.now();
  const minutes = Array.from({ length: MINUTES_BACK + 1 }, (_, back) => now - back * MINUTE_MS);
  const due = (await Promise.all(minutes.map((minute) => deps.connections.endingWithin(minute)))).flat().filter(({ endsAt }) => endsAt <= now);
  const result = { ended: 0, failed: 0 };
  await fewAtOnce(AT_ONCE, due.map(({ id }) => async () => {
    try {
      const connection = await deps.connections.get(id);
      if (!connection) return;
      await end(deps, id, connection);
      result.ended += 1;
    } catch (error) {
      result.failed += 1;
      deps.report.warn('end_failed', { error: nameOf(error) });
    }
  }));
  if (result.ended > 0) deps.report.count('connections_expired', result.ended);
  return result;
}
