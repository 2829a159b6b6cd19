import { asJson, isFinal, keys, META, type HeldRow, type OutboxRow, type RejectedAction } from './keys.ts';
import type { SyncEvent } from './events.ts';
import { heldRows, outboxRows } from './rows.ts';
import type { StoreTx } from './store.ts';
import type { ActionResult, Refusal, Results } from './wire.ts';

/**
 * Takes note of what the server said of actions, in one transaction. A final outcome ends an action: a refused one goes to
 * the rejected list with its data, any other stays on the screen until the download that contains it (`dropArrived`).
 */
export async function settle(tx: StoreTx, { results, conflicts }: Pick<Results, 'results' | 'conflicts'>, now: number): Promise<SyncEvent[]> {
  const events: SyncEvent[] = [];
  const rows = new Map((await outboxRows(tx)).map((row) => [row.action.client_id, row]));
  for (const result of results) {
    const row = rows.get(result.client_id);
    if (!row || row.state === 'done') continue;
    if (result.status === 'rejected') {
      events.push(await reject(tx, row, result.error ?? { code: 'rejected', message: result.message }, now));
      continue;
    }
    await tx.put(keys.outbox(row.seq), asJson(heard(row, result)));
    if (row.home === undefined && result.home !== undefined) await nameHome(tx, rows.values(), row, result.home);
    if (isFinal(result)) events.push({ type: 'applied', action: row.action, result });
    else if (result.status === 'failed' && row.state !== 'failed') events.push({ type: 'failed', action: row.action, reason: result.message });
  }
  for (const conflict of conflicts) {
    if (conflict.status === 'unresolved') await tx.put(keys.conflict(conflict.id), asJson({ conflict }));
    events.push({ type: 'conflict', conflict });
  }
  return events;
}

/** Ends an action that the server will never take. */
export async function reject(tx: StoreTx, row: OutboxRow, error: Refusal, now: number): Promise<SyncEvent> {
  const rejected: RejectedAction = { action: row.action, op: row.op, entityId: row.entityId, error, at: now };
  await tx.delete(keys.outbox(row.seq));
  await tx.put(keys.rejected(row.action.client_id), asJson(rejected));
  return { type: 'rejected', rejected };
}

function heard(row: OutboxRow, result: ActionResult): OutboxRow {
  const { reason: _, ...known } = row;
  if (result.status === 'failed') return { ...known, state: 'failed', reason: result.message };
  if (result.status === 'queued') return { ...known, state: 'queued' };
  // Never accepted, or forgotten by a server that was restored: it is sent again, as it is.
  if (result.status === 'unknown') return { ...known, state: 'sent' };
  return {
    ...known,
    state: 'done',
    ...(result.home === undefined ? {} : { home: result.home }),
    ...(result.version === undefined ? {} : { version: result.version }),
    ...(result.server_id === undefined ? {} : { serverId: result.server_id }),
    ...(result.entity_id === undefined ? {} : { entityId: result.entity_id }),
  };
}

/** A record that was made here has a home now: the actions that follow on it are about the same record. */
async function nameHome(tx: StoreTx, rows: Iterable<OutboxRow>, about: OutboxRow, home: string): Promise<void> {
  for (const row of rows) {
    const same = row.action.entity_type === about.action.entity_type && row.entityId === about.entityId;
    if (!same || row.seq === about.seq || row.home !== undefined) continue;
    row.home = home;
    const key = keys.outbox(row.seq);
    const stored = (await tx.get(key)) as OutboxRow | undefined;
    if (stored) await tx.put(key, asJson({ ...stored, home }));
  }
}

/** Forgets actions that are done once the downloads contain them: from here on the record shows them itself (P7). */
export async function dropArrived(tx: StoreTx, atEnd: boolean): Promise<void> {
  const done = (await outboxRows(tx)).filter(({ state }) => state === 'done');
  if (done.length === 0) return;
  const scopes = ((await tx.get(META.scopes)) as Record<string, number> | undefined) ?? {};
  for (const row of done) {
    const copies = await heldRows(tx, keys.entityRecords(row.action.entity_type, row.entityId));
    if (hasArrived(row, scopes, copies, atEnd)) await tx.delete(keys.outbox(row.seq));
  }
}

function hasArrived(row: OutboxRow, scopes: Record<string, number>, copies: HeldRow[], atEnd: boolean): boolean {
  const { home, version } = row;
  // Nothing to wait for, but the download after the outcome has what there is to see.
  if (home === undefined || version === undefined) return atEnd;
  const upTo = scopes[home];
  if (upTo !== undefined) return upTo >= version;
  const seen = copies.filter(({ record, stale }) => record.home === home && !stale);
  if (seen.some(({ record }) => record.version >= version)) return true;
  // Its home is not downloaded here and no copy is left that could still bring it.
  return atEnd && seen.length === 0;
}
