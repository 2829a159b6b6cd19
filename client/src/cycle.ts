import { refreshConflicts, resolveByHook, sendDecisions, type ResolveHook } from './decisions.ts';
import { download } from './download.ts';
import { Interrupted } from './http.ts';
import { META } from './keys.ts';
import type { Timers } from './network.ts';
import { conflictRows, outboxRows } from './rows.ts';
import type { Session } from './session.ts';
import { underLease, type EndedEarly } from './under-lease.ts';
import { askForOutcomes, upload } from './upload.ts';

/** How a cycle ended. `queued`: the server still works on actions, so ask again soon. */
export type CycleEnd = { ok: true; queued: boolean } | EndedEarly;

export type CycleOptions = {
  session: Session;
  timers: Timers;
  hook: ResolveHook | undefined;
  /** The first of a session looks for conflicts that were found or settled elsewhere. */
  first: boolean;
};

/** Upload, then download: one whole cycle under the lease. Never rejects but for a store that fails. */
export function runCycle(options: CycleOptions): Promise<CycleEnd> {
  const { session, timers } = options;
  return underLease(session.lease, timers, 'Another tab or task syncs this device.', () =>
    steps(options).finally(() => session.progress(null)));
}

async function steps({ session, hook, first }: CycleOptions): Promise<CycleEnd> {
  const trouble = await talk(session);
  await download(session);
  if (trouble) throw trouble;
  const { openConflicts } = await session.lease.within(async (tx) => ({ openConflicts: (await conflictRows(tx)).length }));
  if (first || (session.news && openConflicts > 0)) await refreshConflicts(session);
  const decided = hook && (await session.lease.within((tx) => resolveByHook(tx, hook, session.now())));
  if (decided) {
    await sendDecisions(session);
    await download(session);
  }
  return session.lease.within(async (tx) => {
    await tx.put(META.lastSync, session.now());
    return { ok: true, queued: (await outboxRows(tx)).some(({ state }) => state === 'queued') } as const;
  });
}

/** Sends what there is to send. A server that can't take it now may still have news: that trouble is told after them. */
async function talk(session: Session): Promise<Interrupted | undefined> {
  try {
    await askForOutcomes(session);
    await upload(session);
    await sendDecisions(session);
    return undefined;
  } catch (error) {
    if (error instanceof Interrupted && error.halt === 'server') return error;
    throw error;
  }
}
