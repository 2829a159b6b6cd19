import type { Claims } from '../engine/model.ts';
import type { RedriveRequest, RedriveResponse } from '../protocol/admin.ts';
import { TIMES } from '../protocol/limits.ts';
import { readBatchRef } from './batch-ref.ts';
import type { Deps } from './deps.ts';
import { SyncError } from './errors.ts';
import type { BatchHeader } from './ports/inbox.ts';
import { untried } from './retry-policy.ts';

const PAGE = 100;

/**
 * Brings dead batches back to pending and sends them at once (`POST /admin/redrive`), or, with `discard`, gives them
 * up: the worker then ends each action as `rejected: discarded`. What waits behind them goes too, for a message makes
 * the worker take all that the device has pending for the scope. Counts batches; ids that are unknown, or no longer
 * dead, are passed over. Throws `SyncError` `forbidden` unless `by` is an admin, `validation_failed` when neither ids
 * nor `all` are given; `Trouble`: some may have been redriven, repeating is safe.
 */
export async function redrive(deps: Deps, by: Claims, request: RedriveRequest): Promise<RedriveResponse> {
  if (by.role !== 'admin') throw new SyncError('forbidden', 'Only admins may redrive.');
  const discard = request.discard === true;
  let changed = 0;
  if (request.all === true) {
    for await (const headers of deadBatches(deps)) changed += await revive(deps, headers, by, discard);
  } else if (request.batch_ids) {
    changed = await revive(deps, await named(deps, request.batch_ids), by, discard);
  } else {
    const errors = [{ pointer: '/batch_ids', code: 'required', message: 'Give batch_ids, or all: true.' }];
    throw new SyncError('validation_failed', 'Nothing was named to redrive.', { errors });
  }
  return { success: true, redriven: discard ? 0 : changed, discarded: discard ? changed : 0 };
}

/**
 * Brings a dead batch back because its device sent one of its actions again, at most once an hour (protocol.md, `failed`);
 * one that an admin gave up stays given up.
 * Says whether it did; the caller then sends its scope.
 */
export async function redriveResent(deps: Deps, header: BatchHeader, by: Claims): Promise<boolean> {
  const now = deps.clock.now();
  if (header.state !== 'dead') return false;
  if (header.redriven && now - header.redriven.at < TIMES.redriveEveryMs) return false;
  return toPending(deps, header, by, header.discard === true, now);
}

async function* deadBatches(deps: Deps): AsyncGenerator<BatchHeader[]> {
  let after: string | undefined = '';
  while (after !== undefined) {
    const { rows, next }: { rows: BatchHeader[]; next?: string } = await deps.inbox.list('dead', after, PAGE);
    yield rows;
    after = next;
  }
}

async function named(deps: Deps, refs: readonly string[]): Promise<BatchHeader[]> {
  const headers = refs.map(async (ref) => {
    const place = readBatchRef(ref);
    return place ? await deps.inbox.header(place.owner, place.batchId) : undefined;
  });
  return (await Promise.all(headers)).filter((header) => header !== undefined);
}

/** First the rows, then the messages: should it end in between, the sweeper sends what has become pending. */
async function revive(deps: Deps, headers: readonly BatchHeader[], by: Claims, discard: boolean): Promise<number> {
  const now = deps.clock.now();
  const revived = await Promise.all(
    headers.map(async (header) => header.state === 'dead' && (await toPending(deps, header, by, discard, now))),
  );
  const changed = headers.filter((_, i) => revived[i]);
  await sendBatches(deps, changed);
  return changed.length;
}

/** Counts start anew, under the old upload number. False: it changed meanwhile. */
async function toPending(deps: Deps, header: BatchHeader, by: Claims, discard: boolean, now: number): Promise<boolean> {
  const { sub, role, departments } = by;
  const done = await deps.inbox.change(header, {
    ...untried(now),
    redriven: { by: { sub, role, departments }, at: now },
    // The last word counts: it may have died while it was being discarded.
    discard: discard ? true : null,
  });
  if (done) {
    deps.report.info(discard ? 'batch_discarded' : 'batch_redriven', { batch: header.batchId, role });
    deps.report.count(discard ? 'batches_discarded' : 'batches_redriven');
  }
  return done;
}

/** Sends one message per device and scope, under ids of their own: an older message may have been lost or dropped. */
export async function sendBatches(deps: Deps, headers: readonly BatchHeader[]): Promise<void> {
  const targets = new Map(headers.map((header) => [targetOf(header), header]));
  if (targets.size === 0) return;
  await deps.queue.send(
    [...targets.values()].map(({ scope, owner }) => ({
      id: `again ${deps.ids.uuid()}`,
      message: { kind: 'batches', scope, owner },
    })),
  );
}

/** What one message makes a worker take: all of one device for one scope. */
export function targetOf({ scope, owner }: Pick<BatchHeader, 'scope' | 'owner'>): string {
  return JSON.stringify([scope, owner.user, owner.device]);
}
