import { actorOf } from '../engine/domain.ts';
import type { AcceptedAction, Acceptance, Scope } from '../engine/model.ts';
import type { Work } from '../engine/plan.ts';
import type { Deps } from './deps.ts';
import type { BatchHeader } from './ports/inbox.ts';

/** Batches that one message makes the worker take: 4 MB at 256 KB each, or 64 KB for a single action. */
const TAKE_BYTES = 4 * 1024 * 1024;

/** A batch as it stands in the inbox, with its payload. */
export type Batch = { header: BatchHeader; actions: AcceptedAction[] };

/** Neighbouring batches share commits; one with an unknown error behind it is worked alone, an action at a time. */
export function together(batches: Batch[]): Batch[][] {
  const runs: Batch[][] = [];
  for (const batch of batches) {
    const last = runs.at(-1);
    if (last && batch.header.attempts === 0 && last[0]?.header.attempts === 0) last.push(batch);
    else runs.push([batch]);
  }
  return runs;
}

/** What stands in a device's inbox for one scope, and what waits behind a batch that is dead or just failed (P3). */
export class PendingOf {
  /** By record: the first batch that blocks it. */
  readonly #blockers = new Map<string, string>();
  more = false;
  readonly #pending: BatchHeader[];

  constructor(scope: Scope, headers: BatchHeader[], failedNow: ReadonlySet<string>) {
    for (const header of headers) {
      if (header.state !== 'dead' && !failedNow.has(header.batchId)) continue;
      for (const { record } of header.actions) {
        if (record !== undefined && !this.#blockers.has(record)) this.#blockers.set(record, header.batchId);
      }
    }
    this.#pending = headers.filter((h) => h.state === 'pending' && h.scope === scope && !failedNow.has(h.batchId));
  }

  /** Must an action of this batch on this record wait? */
  waits(batchId: string, record: string | undefined): boolean {
    const blocker = record === undefined ? undefined : this.#blockers.get(record);
    return blocker !== undefined && blocker < batchId;
  }

  take(): BatchHeader[] {
    const taken: BatchHeader[] = [];
    let bytes = 0;
    for (const header of this.#pending) {
      bytes += Math.min(header.actions.length * 64, 256) * 1024;
      if (bytes > TAKE_BYTES && taken.length > 0) {
        this.more = true;
        break;
      }
      taken.push(header);
    }
    return taken;
  }
}

/** Actions with the one before each on its record (P3): the batch says so by its order, and what it was cut from in words. */
function linked(actions: readonly AcceptedAction[], records: ReadonlyMap<string, string | undefined>): AcceptedAction[] {
  const last = new Map<string, string>();
  return actions.map((action) => {
    const record = records.get(action.clientId);
    if (record === undefined) return action;
    const after = last.get(record) ?? action.after;
    last.set(record, action.clientId);
    return after === undefined ? action : { ...action, after };
  });
}

/** A batch's actions as work, but for those that wait behind a dead one on the same record. */
export function workOf(deps: Deps, { header, actions }: Batch, pending: PendingOf): Work[] {
  const { domain } = deps.engine;
  const records = new Map(header.actions.map((entry) => [entry.clientId, entry.record]));
  const acceptance: Acceptance = {
    actor: actorOf(domain, header.claims),
    device: header.owner.device,
    acceptedAt: header.acceptedAt,
    retries: header.attempts,
    ...(header.redriven ? { redrivenBy: actorOf(domain, header.redriven.by) } : {}),
    ...(header.discard ? { discard: true as const } : {}),
  };
  return linked(actions, records)
    .filter(({ clientId }) => !pending.waits(header.batchId, records.get(clientId)))
    .map((action) => ({ kind: 'action', action, acceptance }));
}
