import { expect } from 'vitest';
import type { Commit, ConflictRow, EntityRow, Outcome } from '../../src/engine/model.ts';
import type { Json } from '../../src/protocol/json.ts';
import { sameJson } from '../../src/engine/value.ts';
import { RESOLVE_DEVICE } from '../../src/service/resolve.ts';
import { commitsOf } from './observe.ts';
import type { Done, Walk } from './walk.ts';

type Author = { user: string; device: string; n: number };

/**
 * Follows every log and checks each change of a field (P4): whoever replaced another device's value had seen it, or
 * left a conflict that keeps the value; and whoever lost has their data in a conflict.
 */
export async function expectNothingLost(walk: Walk): Promise<void> {
  const done = new Map(walk.done.map((entry) => [entry.action.client_id, entry]));
  for await (const { scope } of walk.world.ports.log.heads()) {
    const rows = new Map<string, EntityRow>();
    const authors = new Map<string, Author>();
    for (const commit of await commitsOf(walk.world, scope)) {
      for (const outcome of commit.outcomes) expectLoserKept(commit, outcome, done.get(outcome.clientId));
      for (const { row } of commit.changes) {
        if (row.home !== scope) continue;
        const key = `${row.type} ${row.entityId}`;
        expectSeenOrKept(commit, rows.get(key), row, authors, done);
        rows.set(key, row);
      }
    }
  }
}

function expectLoserKept(commit: Commit, outcome: Outcome, sent: Done | undefined): void {
  if (outcome.status !== 'conflict' || outcome.device === RESOLVE_DEVICE) return;
  const conflict = commit.conflicts.find(({ id }) => id === outcome.conflictId);
  expect(conflict, `conflict of ${outcome.clientId}`).toBeDefined();
  if (!conflict || outcome.actionType.startsWith('delete')) return;
  for (const field of conflict.fields) {
    const mine = sent?.action.data?.[field];
    // A delete that the device did later is its newest word.
    if (mine === undefined || conflict.client === null) continue;
    // Several edits that join one conflict: the newest data stand in it, and operators add up.
    const newer = commit.outcomes.some((other) => other.conflictId === conflict.id && other.order > outcome.order);
    if (newer || isOperator(mine)) expect(conflict.client).toHaveProperty(field);
    else expect(conflict.client?.[field], `${outcome.clientId} ${field}`).toEqual(mine);
  }
}

function expectSeenOrKept(
  commit: Commit,
  before: EntityRow | undefined,
  after: EntityRow,
  authors: Map<string, Author>,
  done: ReadonlyMap<string, Done>,
): void {
  const here = commit.outcomes.filter(({ entityId, home }) => entityId === after.entityId && home === after.home);
  for (const field of Object.keys(after.fields)) {
    if (sameJson(before?.fields[field], after.fields[field])) continue;
    const key = `${after.type} ${after.entityId} ${field}`;
    const last = authors.get(key);
    const writers = here.filter(({ clientId }) => done.get(clientId)?.action.data?.[field] !== undefined);
    const writer = writers.at(-1);
    // What no action of a phone explains was decided by a person, who had seen both.
    const { user, device } = writer ?? { user: after.updatedBy, device: RESOLVE_DEVICE };
    authors.set(key, { user, device, n: commit.n });
    if (!before || !last || !writer) continue;
    for (const outcome of writers) {
      if (outcome.user === last.user && outcome.device === last.device) continue;
      const sent = done.get(outcome.clientId);
      if (outcome.status === 'rejected' || !sent) continue;
      const value = sent.action.data?.[field];
      if (isOperator(value) || outcome.status === 'conflict' || sameJson(value, before.fields[field])) continue;
      // Who edits a record without ever having downloaded it has no base but the time, which is taken at its word (design 5).
      if (sent.heldVersion === undefined || sent.heldVersion >= last.n) continue;
      const kept = commit.conflicts.some((conflict) => keeps(conflict, after, field, before.fields[field]));
      expect(kept, `${outcome.clientId} replaced ${key} of ${last.device} unseen`).toBe(true);
    }
  }
}

function keeps(conflict: ConflictRow, row: EntityRow, field: string, value: Json | undefined): boolean {
  const same = conflict.type === row.type && conflict.entityId === row.entityId;
  if (!same || !conflict.fields.includes(field)) return false;
  const kept = conflict.server?.[field];
  // The device's own operators may have come before it in the same commit: then the set is kept with more in it.
  if (Array.isArray(value) && Array.isArray(kept)) return value.every((item) => kept.some((other) => sameJson(item, other)));
  return sameJson(kept, value);
}

function isOperator(value: Json | undefined): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
