import { signal } from '@preact/signals';
import type { WireConflict } from '../../../src/protocol/conflict.ts';
import type { Json, JsonObject } from '../../../src/protocol/json.ts';
import type { Strategy } from '../../../src/protocol/primitives.ts';
import { Failure, query, resolve, type Row } from './api.ts';

export type OpenConflict = Row<'unresolved_conflicts'>;

/** Open conflicts as a list showed them last, to go on to the next one after a decision. */
export const lastListed = signal<readonly OpenConflict[]>([]);

const MOST_PAGES = 50;

/** One open conflict of a user. Nothing when it is settled, or was never there. */
export async function findConflict(user: string, id: string): Promise<OpenConflict | undefined> {
  let cursor: string | undefined;
  for (let i = 0; i < MOST_PAGES; i++) {
    const { rows, next } = await query('unresolved_conflicts', { user }, cursor);
    const found = rows.find((row) => row.id === id);
    if (found ?? next === undefined) return found;
    cursor = next;
  }
  return undefined;
}

/** The fields of which a person may decide: the contested ones, and with `manual` whatever else waits for the decision. */
export function decidable({ conflicting_fields: contested, strategy, client_data: client }: WireConflict): string[] {
  const held = strategy === 'manual' ? Object.keys(client ?? {}).filter((field) => !contested.includes(field)) : [];
  return [...contested, ...held];
}

/** All fields that the conflict touches, contested ones first. */
export function touched(conflict: WireConflict): string[] {
  const { conflicting_fields: contested, base_data: base, client_data: client, server_data: server } = conflict;
  const all = [base, client, server].flatMap((data) => Object.keys(data ?? {})).sort();
  return [...new Set([...contested, ...all])];
}

/** What a decision does to the record, where it can be known before the server decides. */
export function effectOf(conflict: WireConflict, strategy: Strategy): 'deletes' | 'brings back' | 'changes' | 'keeps' {
  if (strategy === 'server_wins') return 'keeps';
  const phoneDeleted = conflict.client_data === null;
  if (phoneDeleted) return strategy === 'client_wins' ? 'deletes' : 'keeps';
  if (conflict.server_deleted) return strategy === 'merge' ? 'keeps' : 'brings back';
  return 'changes';
}

/** Where a hand-made decision begins: what the phone wanted, else what the server has. */
export function firstDraft(conflict: WireConflict): JsonObject {
  const draft: JsonObject = {};
  for (const field of decidable(conflict)) {
    const value: Json | undefined = conflict.client_data?.[field] ?? conflict.server_data?.[field];
    draft[field] = value ?? null;
  }
  return draft;
}

/** What came of a decision for many. `changed`: those are to be looked at again. */
export type Bulk = { done: number; changed: OpenConflict[]; failed: { conflict: OpenConflict; reason: string }[] };

const AT_ONCE = 4;

/**
 * Keeps the server's values for many conflicts, a few at a time. That is the one decision that is safe unseen: it changes
 * no record, the phone's values stay in the settled conflict, and each carries the version that was shown, so that one
 * that moved meanwhile is left open. `told` hears of each.
 */
export async function keepServer(conflicts: readonly OpenConflict[], told: (done: number) => void): Promise<Bulk> {
  const result: Bulk = { done: 0, changed: [], failed: [] };
  const queue = [...conflicts];
  let finished = 0;
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      try {
        const answer = await resolve({ conflict_id: next.id, strategy: 'server_wins', server_version: next.server_version });
        if (answer.kind === 'changed') result.changed.push({ ...next, ...answer.conflict });
        else result.done++;
      } catch (error) {
        result.failed.push({ conflict: next, reason: error instanceof Failure ? error.message : 'unknown' });
        if (error instanceof Failure && (error.kind === 'expired' || error.kind === 'offline')) queue.length = 0;
      }
      told(++finished);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return result;
}
