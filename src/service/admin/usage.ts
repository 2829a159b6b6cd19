import type { AdminRow } from '../../protocol/admin.ts';
import { averageOf, percentileOf, sum, type Counts } from '../usage/counts.ts';
import { dayOf } from '../usage/count-changes.ts';
import type { Deps } from '../deps.ts';
import { SyncError } from '../errors.ts';
import { fewAtOnce } from '../few-at-once.ts';
import type { AdminQuery, Params } from './ask.ts';

const DAY_MS = 24 * 3600_000;
const DAYS = 30;
/** Counts are kept for longer, but nobody reads a longer table. */
const MOST_DAYS = 400;
const READS_AT_ONCE = 16;

/**
 * One row per day, in UTC, oldest first: the last 30 days, or those that `since` and `until` touch. The summary is the
 * same over all of them. Counted from the logs and the devices as they change, with a delay of a minute or two.
 */
export const usage: AdminQuery = async (deps, { params, from, limit }) => {
  const days = daysOf(deps, params);
  const counted = new Map<string, Counts>();
  await fewAtOnce(READS_AT_ONCE, days.map((day) => async () => void counted.set(day, await deps.usage.day(day))));
  const left = days.filter((day) => day > from.after);
  const given = left.slice(0, limit);
  const last = given.at(-1);
  return {
    rows: given.map((day) => ({ day, ...figuresOf(counted.get(day) ?? {}) })),
    summary: { from: days[0] ?? null, to: days.at(-1) ?? null, ...figuresOf(sum([...counted.values()])) },
    ...(last !== undefined && given.length < left.length ? { next: { after: last, last: '' } } : {}),
  };
};

function daysOf(deps: Deps, { since, until }: Params): string[] {
  const last = until === undefined ? deps.clock.now() : until - 1;
  const first = since ?? last - (DAYS - 1) * DAY_MS;
  const count = Math.floor(last / DAY_MS) - Math.floor(first / DAY_MS) + 1;
  if (count > MOST_DAYS) {
    const errors = [{ pointer: '/params/since', code: 'too_big', message: `Expected at most ${MOST_DAYS} days.` }];
    throw new SyncError('validation_failed', 'The query is not valid.', { errors });
  }
  return Array.from({ length: Math.max(0, count) }, (_, i) => dayOf((Math.floor(first / DAY_MS) + i) * DAY_MS));
}

function figuresOf(counts: Counts): AdminRow {
  const count = (name: string) => counts[name] ?? 0;
  const rate = (name: string) => (count('actions') === 0 ? null : round(count(name) / count('actions')));
  return {
    actions: count('actions'),
    success: count('success'),
    conflict: count('conflict'),
    rejected: count('rejected'),
    retried: count('retried'),
    success_rate: rate('success'),
    conflict_rate: rate('overlapped'),
    duration_ms_avg: averageOf(counts, 'duration'),
    duration_ms_p50: percentileOf(counts, 'duration', 0.5),
    duration_ms_p95: percentileOf(counts, 'duration', 0.95),
    offline_ms_avg: averageOf(counts, 'offline'),
    offline_ms_p50: percentileOf(counts, 'offline', 0.5),
    offline_ms_p95: percentileOf(counts, 'offline', 0.95),
    offline_spans: count('span_count'),
    offline_span_ms_avg: averageOf(counts, 'span'),
    offline_span_ms_p95: percentileOf(counts, 'span', 0.95),
    devices: count('devices'),
    uploads: count('uploads'),
    downloads: count('downloads'),
    bytes_in: count('bytes_in'),
    bytes_out: count('bytes_out'),
  };
}

function round(rate: number): number {
  return Math.round(rate * 10_000) / 10_000;
}
