import type { SyncEvent } from './events.ts';
import { fault, type Refused } from './http.ts';
import { asJson, keys, type ConflictRow, type DecisionRow } from './keys.ts';
import { conflictRow, conflictRows, decisionRows } from './rows.ts';
import { step, type Session } from './session.ts';
import type { StoreTx } from './store.ts';
import type { ConflictList, JsonObject, ResolveBody, WireConflict } from './wire.ts';

/** What a user, or the app, decides about a conflict. `manual` needs the values of contested fields. */
export type Decision = { strategy: 'server_wins' | 'client_wins' | 'merge' } | { strategy: 'manual'; data: JsonObject };

/** Merges on the phone: called for each new unresolved conflict. Nothing: a person decides. */
export type ResolveHook = (conflict: WireConflict) => Decision | undefined;

/** An open conflict, with what was decided here and is not yet on the server. */
export type OpenConflict = ConflictRow & { decided?: DecisionRow };

/** Unresolved ones, oldest first. */
export async function openConflicts(tx: StoreTx): Promise<OpenConflict[]> {
  const decisions = new Map((await decisionRows(tx)).map((row) => [row.conflictId, row]));
  const open = (await conflictRows(tx)).map((row): OpenConflict => {
    const decided = decisions.get(row.conflict.id);
    return decided ? { ...row, decided } : row;
  });
  return open.sort((a, b) => (a.conflict.detected_at < b.conflict.detected_at ? -1 : 1));
}

/** Notes a decision; it is sent with the next cycle. A later one on the same conflict replaces it. */
export async function decide(tx: StoreTx, conflictId: string, decision: Decision, at: number): Promise<void> {
  const row = await conflictRow(tx, conflictId);
  if (!row) throw new Error(`There is no open conflict "${conflictId}" on this device.`);
  await tx.put(keys.conflict(conflictId), asJson({ conflict: row.conflict }));
  const noted: DecisionRow = {
    conflictId,
    strategy: decision.strategy,
    ...('data' in decision ? { data: JSON.parse(JSON.stringify(decision.data)) as JsonObject } : {}),
    serverVersion: row.conflict.server_version,
    at,
  };
  await tx.put(keys.decision(conflictId), asJson(noted));
}

/** Sends the decisions that wait. */
export async function sendDecisions(session: Session): Promise<void> {
  for (const row of await session.lease.within(decisionRows)) {
    const body: ResolveBody = {
      conflict_id: row.conflictId,
      strategy: row.strategy,
      ...(row.data === undefined ? {} : { resolved_data: row.data }),
      server_version: row.serverVersion,
    };
    const heard = await session.http.ask('POST', 'resolve-conflict', { body, wait: 10 });
    session.news = true;
    await step(session, async (tx) => {
      const now = (await tx.get(keys.decision(row.conflictId))) as DecisionRow | undefined;
      // Decided anew meanwhile: the newer word is still to be sent.
      if (now?.at !== row.at) return [];
      return 'answer' in heard ? settled(tx, row.conflictId) : notTaken(tx, row, heard.refused);
    });
  }
}

async function settled(tx: StoreTx, conflictId: string): Promise<SyncEvent[]> {
  await tx.delete(keys.decision(conflictId));
  await tx.delete(keys.conflict(conflictId));
  return [];
}

async function notTaken(tx: StoreTx, row: DecisionRow, refused: Refused): Promise<SyncEvent[]> {
  const { code, detail, errors, body, status } = refused;
  const known = await conflictRow(tx, row.conflictId);
  const event: SyncEvent = { type: 'decision_refused', conflictId: row.conflictId, code, errors };
  if (status === 404 || code === 'already_resolved' || !known) return [...(await settled(tx, row.conflictId)), event];
  if (status !== 409 && status !== 422) throw fault(refused);
  await tx.delete(keys.decision(row.conflictId));
  const fresh = code === 'conflict_changed' ? (body['conflict'] as WireConflict | undefined) : undefined;
  await tx.put(keys.conflict(row.conflictId), asJson({ conflict: fresh ?? known.conflict, fault: { code, message: detail, errors } }));
  return [event];
}

/** Lists the open conflicts afresh: some may be settled on another device or by an admin. */
export async function refreshConflicts(session: Session): Promise<void> {
  const open: WireConflict[] = [];
  let cursor: string | undefined;
  do {
    const heard = await session.http.ask<ConflictList>('GET', 'conflicts', { query: { status: 'unresolved', limit: 200, cursor } });
    if ('refused' in heard) throw fault(heard.refused);
    open.push(...heard.answer.conflicts);
    cursor = heard.answer.next_cursor ?? undefined;
  } while (cursor !== undefined);
  await step(session, async (tx) => {
    const known = new Map((await conflictRows(tx)).map((row) => [row.conflict.id, row]));
    for (const conflict of open) {
      const { fault } = known.get(conflict.id) ?? {};
      await tx.put(keys.conflict(conflict.id), asJson({ conflict, ...(fault && { fault }) }));
    }
    const ids = new Set(open.map(({ id }) => id));
    const events = open.filter(({ id }) => !known.has(id)).map((conflict): SyncEvent => ({ type: 'conflict', conflict }));
    for (const id of known.keys()) {
      if (ids.has(id)) continue;
      const decided = await tx.get(keys.decision(id));
      if (decided) events.push({ type: 'decision_refused', conflictId: id, code: 'already_resolved', errors: [] });
      await settled(tx, id);
    }
    return events;
  });
}

/** Lets the app's hook decide what it can, once per state of a conflict. */
export async function resolveByHook(tx: StoreTx, hook: ResolveHook, now: number): Promise<boolean> {
  const decided = new Set((await decisionRows(tx)).map(({ conflictId }) => conflictId));
  let any = false;
  for (const { conflict, fault } of await conflictRows(tx)) {
    // What was refused with this very content would be refused again.
    if (decided.has(conflict.id) || (fault && fault.code !== 'conflict_changed')) continue;
    const decision = hook(conflict);
    if (!decision) continue;
    await decide(tx, conflict.id, decision, now);
    any = true;
  }
  return any;
}
