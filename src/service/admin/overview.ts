import { iso } from '../../engine/wire.ts';
import { TIMES } from '../../protocol/limits.ts';
import { withoutOutcome } from '../open-actions.ts';
import type { BatchHeader } from '../ports/inbox.ts';
import { countActions } from '../status.ts';
import type { AdminQuery } from './ask.ts';

const PAGE = 500;

/**
 * One row of counts over everybody: actions pending and failed, conflicts that wait, devices. Takes no filters. The
 * summary says since when the oldest action waits, and how many wait for longer than a phone should.
 */
export const overview: AdminQuery = async (deps) => {
  const { inbox, conflicts, devices } = deps;
  let oldest = Infinity;
  let stalled = 0;
  const stalledBefore = deps.clock.now() - TIMES.stalledMs;
  const actions = (state: BatchHeader['state']) =>
    total(async (after) => {
      const { rows, ...more } = await inbox.list(state, after, PAGE);
      const open = (await withoutOutcome(deps, rows)).filter((header) => header.actions.length > 0);
      if (state === 'pending') {
        oldest = open.reduce((least, { acceptedAt }) => Math.min(least, acceptedAt), oldest);
        stalled += countActions(open.filter(({ acceptedAt }) => acceptedAt < stalledBefore), state);
      }
      return { count: countActions(open, state), ...more };
    });
  const [pending, failed, unresolved, known] = await Promise.all([
    actions('pending'),
    actions('dead'),
    total(async (after) => {
      const { keys, ...more } = await conflicts.listOpen(after, PAGE);
      return { count: keys.length, ...more };
    }),
    total(async (after) => {
      const { rows, ...more } = await devices.listAll(after, PAGE);
      return { count: rows.length, ...more };
    }),
  ]);
  return {
    rows: [{ pending, failed, unresolved_conflicts: unresolved, devices: known }],
    summary: { oldest_pending_at: oldest === Infinity ? null : iso(oldest), stalled },
  };
};

/** Sums over all pages of a listing. */
async function total(page: (after: string) => Promise<{ count: number; next?: string }>): Promise<number> {
  let sum = 0;
  let after: string | undefined = '';
  while (after !== undefined) {
    const { count, next }: { count: number; next?: string } = await page(after);
    sum += count;
    after = next;
  }
  return sum;
}
