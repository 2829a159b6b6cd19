import { Interrupted, type Halt } from './http.ts';
import { LEASE_MS, type Lease } from './lease.ts';
import type { Timers } from './network.ts';

/** Work that ended early: what it did stays done, the rest is for another time. */
export type EndedEarly = { ok: false; halt: Halt; detail: string; retryAfterMs?: number };

/**
 * Does the work while this tab or task has the lease, which is renewed meanwhile. `busy`: what is said if another has it.
 * Never rejects but for a store that fails.
 */
export async function underLease<End>(lease: Lease, timers: Timers, busy: string, work: () => Promise<End>): Promise<End | EndedEarly> {
  const othersFor = await lease.take();
  if (othersFor > 0) return { ok: false, halt: 'overtaken', detail: busy, retryAfterMs: othersFor };
  const letGo = keep(lease, timers);
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    const { halt, message, retryAfterMs } = error;
    return { ok: false, halt, detail: message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  } finally {
    letGo();
    await lease.giveBack();
  }
}

/** Renews the lease while requests take their time. */
function keep(lease: Lease, timers: Timers): () => void {
  let cancel = timers.set(LEASE_MS / 3, beat);
  function beat(): void {
    cancel = timers.set(LEASE_MS / 3, beat);
    // If the store fails, the work meets the same failure.
    lease.renew().catch(() => undefined);
  }
  return () => cancel();
}
