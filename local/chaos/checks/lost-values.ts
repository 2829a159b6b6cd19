import type { Commit, ConflictRow, EntityRow, Scope } from '../../../src/engine/model.ts';
import type { Json } from '../../../src/protocol/json.ts';
import { sameJson } from '../../../src/engine/value.ts';
import type { Done } from '../workload/crew.ts';
import type { Evidence } from './evidence.ts';

type Author = { user: string; device: string; n: number };

/**
 * Follows every log and looks at each change of a field: whoever replaced another device's value had seen it, or left a
 * conflict that keeps it; and whoever lost has their data in a conflict (P4).
 */
export function checkLostValues({ logs, done }: Evidence): string[] {
  return [...logs].flatMap(([scope, commits]) => inLog(scope, commits, done));
}

function inLog(scope: Scope, commits: readonly Commit[], done: ReadonlyMap<string, Done>): string[] {
  const findings: string[] = [];
  const rows = new Map<string, EntityRow>();
  const authors = new Map<string, Author>();
  for (const commit of commits) {
    findings.push(...losersWithoutConflict(commit, done));
    for (const { row } of commit.changes) {
      if (row.home !== scope) continue;
      const key = `${row.type} ${row.entityId}`;
      findings.push(...replacedUnseen(commit, rows.get(key), row, authors, done));
      rows.set(key, row);
    }
  }
  return findings;
}

function losersWithoutConflict(commit: Commit, done: ReadonlyMap<string, Done>): string[] {
  return commit.outcomes.flatMap((outcome) => {
    if (outcome.status !== 'conflict' || outcome.code !== undefined) return [];
    const sent = done.get(outcome.clientId)?.action;
    const conflict = commit.conflicts.find(({ id }) => id === outcome.conflictId);
    if (!conflict) return [`P4: ${outcome.clientId} is a conflict, and commit ${commit.n} has none of its id`];
    // Several edits of one device that join one conflict: the newest stands in it. After a delete there are no data.
    const newer = commit.outcomes.some((other) => other.conflictId === conflict.id && other.order > outcome.order);
    if (!sent || conflict.client === null || newer) return [];
    const gone = conflict.fields.filter((field) => {
      const mine = sent.data?.[field];
      return mine !== undefined && !isOperator(mine) && !sameJson(mine, conflict.client?.[field]);
    });
    return gone.map((field) => `P4: ${field} of ${outcome.clientId} is not in its conflict`);
  });
}

function replacedUnseen(
  commit: Commit, before: EntityRow | undefined, after: EntityRow,
  authors: Map<string, Author>, done: ReadonlyMap<string, Done>,
): string[] {
  const findings: string[] = [];
  const here = commit.outcomes.filter(({ entityId, home }) => entityId === after.entityId && home === after.home);
  for (const field of Object.keys(after.fields)) {
    if (sameJson(before?.fields[field], after.fields[field])) continue;
    const key = `${after.type} ${after.entityId} ${field}`;
    const last = authors.get(key);
    const writers = here.filter(({ clientId }) => done.get(clientId)?.action.data?.[field] !== undefined);
    const writer = writers.at(-1);
    if (writer) authors.set(key, { user: writer.user, device: writer.device, n: commit.n });
    // A person's decision: whoever decides has seen both sides.
    else authors.delete(key);
    if (!before || !last) continue;
    for (const { clientId, device, user, status } of writers) {
      const sent = done.get(clientId);
      const value = sent?.action.data?.[field];
      const own = user === last.user && device === last.device;
      if (own || status !== 'success' || !sent || isOperator(value) || sameJson(value, before.fields[field])) continue;
      // Without a base only the time counts, which is taken at its word (design 5).
      if (sent.action.base_version === undefined || (sent.heldVersion ?? 0) >= last.n) continue;
      if (commit.conflicts.some((conflict) => keeps(conflict, after, field, before.fields[field]))) continue;
      findings.push(`P4: ${clientId} replaced ${key} of ${last.device}, which it had not seen`);
    }
  }
  return findings;
}

function keeps(conflict: ConflictRow, row: EntityRow, field: string, value: Json | undefined): boolean {
  const same = conflict.type === row.type && conflict.entityId === row.entityId;
  return same && conflict.fields.includes(field) && sameJson(conflict.server?.[field], value);
}

function isOperator(value: Json | undefined): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
