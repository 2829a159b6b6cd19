import type { Commit, Scope } from '../../engine/model.ts';
import { fewAtOnce } from '../few-at-once.ts';
import { OFFLINE_FROM_MS } from '../commit-metrics.ts';
import type { Deps } from '../deps.ts';
import type { DeviceState } from '../ports/device-store.ts';
import { add, addTime, sum, type Counts } from './counts.ts';

const SCOPES_AT_ONCE = 8;

/** One change of a table, as its stream tells it. `order` grows within the part of the stream that it came in. */
export type TableChange = { order: string } & (
  | { kind: 'commit'; scope: Scope; n: number }
  | { kind: 'device'; before?: DeviceState; after: DeviceState }
);

/**
 * Adds changes to the counts of their days (`usage`). Every change counts once, however often it is delivered: a part
 * of a stream is delivered in order, and each day's row notes how far it has come in the same write that adds.
 */
export async function countChanges(deps: Pick<Deps, 'usage' | 'log' | 'report'>, part: string, changes: readonly TableChange[]): Promise<void> {
  const commits = await commitsOf(deps, changes);
  const days = new Map<string, { order: string; counts: Counts }[]>();
  for (const change of changes) {
    const counted = change.kind === 'commit' ? countsOfCommit(commits.get(placeOf(change))) : countsOfDevice(change);
    // Not even a restore takes a commit away from behind its stream. The rest of the day still counts.
    if (!counted) deps.report.alarm('commit_missing');
    const { day = '', counts = {} } = counted ?? {};
    if (Object.keys(counts).length > 0) days.set(day, [...(days.get(day) ?? []), { order: change.order, counts }]);
  }
  for (const [day, counted] of days) await addOnce(deps, day, part, counted);
}

/** The commits that the changes name: their stream tells keys only, so that pokes stay small. */
async function commitsOf({ log }: Pick<Deps, 'log'>, changes: readonly TableChange[]): Promise<Map<string, Commit>> {
  const wanted = new Map<Scope, { first: number; last: number }>();
  for (const change of changes) {
    if (change.kind !== 'commit') continue;
    const { first, last } = wanted.get(change.scope) ?? { first: change.n, last: change.n };
    wanted.set(change.scope, { first: Math.min(first, change.n), last: Math.max(last, change.n) });
  }
  const commits = new Map<string, Commit>();
  await fewAtOnce(SCOPES_AT_ONCE, [...wanted].map(([scope, { first, last }]) => async () => {
    for (let after = first - 1; after < last; ) {
      const read = await log.read(scope, after, last, { strong: true });
      for (const commit of read.commits) commits.set(placeOf(commit), commit);
      if (read.end) return;
      after = read.commits.at(-1)?.n ?? last;
    }
  }));
  return commits;
}

function placeOf({ scope, n }: { scope: Scope; n: number }): string {
  return `${n} ${scope}`;
}

async function addOnce({ usage }: Pick<Deps, 'usage'>, day: string, part: string, counted: { order: string; counts: Counts }[]): Promise<void> {
  for (;;) {
    const reached = await usage.reached(day, part);
    const fresh = reached === undefined ? counted : counted.filter(({ order }) => order > reached);
    const last = fresh.at(-1);
    if (!last) return;
    if (await usage.add(day, part, { reached, order: last.order, counts: sum(fresh.map(({ counts }) => counts)) })) return;
  }
}

/** Decisions on conflicts are no actions of a phone: they stand under a device that begins with `~`. */
function countsOfCommit(commit: Commit | undefined): { day: string; counts: Counts } | undefined {
  if (!commit) return undefined;
  const { at, outcomes } = commit;
  const counts: Counts = {};
  for (const outcome of outcomes) {
    if (outcome.device.startsWith('~')) continue;
    add(counts, 'actions');
    add(counts, outcome.status);
    if (outcome.status === 'conflict' || outcome.conflictId !== undefined) add(counts, 'overlapped');
    if (outcome.retries > 0) add(counts, 'retried');
    addTime(counts, 'duration', at - outcome.acceptedAt);
    addTime(counts, 'offline', outcome.acceptedAt - outcome.time);
  }
  return { day: dayOf(at), counts };
}

function countsOfDevice({ before, after }: { before?: DeviceState; after: DeviceState }): { day: string; counts: Counts } {
  const counts: Counts = {};
  const [seen, seenBefore] = [lastSeen(after), before ? lastSeen(before) : 0];
  const grown = (of: (state: DeviceState) => number) => Math.max(0, of(after) - (before ? of(before) : 0));
  const uploads = grown((state) => state.uploads);
  add(counts, 'uploads', uploads);
  add(counts, 'downloads', Math.max(0, grown((state) => state.syncVersion) - uploads));
  add(counts, 'bytes_in', grown((state) => state.bytesIn));
  add(counts, 'bytes_out', grown((state) => state.bytesOut));
  if (seen > seenBefore) {
    if (seenBefore === 0 || dayOf(seenBefore) !== dayOf(seen)) add(counts, 'devices');
    if (seenBefore > 0 && seen - seenBefore >= OFFLINE_FROM_MS) addTime(counts, 'span', seen - seenBefore);
  }
  return { day: dayOf(seen), counts };
}

function lastSeen({ lastUpload, lastDownload }: DeviceState): number {
  return Math.max(lastUpload, lastDownload);
}

/** `2026-11-25`, in UTC. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
