import { refreshConflicts, resolveByHook, sendDecisions, type ResolveHook } from './decisions.ts';
import { download } from './download.ts';
import { Interrupted, type Halt } from './http.ts';
import { META } from './keys.ts';
import { LEASE_MS, type Lease } from './lease.ts';
import type { Timers } from './network.ts';
import { conflictRows, outboxRows } from './rows.ts';
import type { Session } from './session.ts';
import { askForOutcomes, upload } from './upload.ts';

/** How a cycle ended. `queued`: the server still works on actions, so ask again soon. */
export type CycleEnd = { ok: true; queued: boolean } | { ok: false; halt: Halt; detail: string; retryAfterMs?: number };

export type CycleOptions = {
  session: Session;
  timers: Timers;
  hook: ResolveHook | undefined;
  /** The first of a session looks for conflicts that were found or settled elsewhere. */
  first: boolean;
};

/** Upload, then download: one whole cycle under the lease. Never rejects but for a store that fails. */
export async function runCycle(options: CycleOptions): Promise<CycleEnd> {
  const { lease } = options.session;
  const othersFor = await lease.take();
  if (othersFor > 0) return { ok: false, halt: 'overtaken', detail: 'Another tab or task syncs this device.', retryAfterMs: othersFor };
  const letGo = keep(lease, options.timers);
  try {
    return await steps(options);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    const { halt, message, retryAfterMs } = error;
    return { ok: false, halt, detail: message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  } finally {
    letGo();
    await lease.giveBack();
    options.session.progress(null);
  }
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

/** Renews the lease while requests take their time. */
export function keep(lease: Lease, timers: Timers): () => void {
  let cancel = timers.set(LEASE_MS / 3, beat);
  function beat(): void {
    cancel = timers.set(LEASE_MS / 3, beat);
    // If the store fails, the cycle meets the same failure.
    lease.renew().catch(() => undefined);
  }
  return () => cancel();
}
