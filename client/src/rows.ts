import { keys, PREFIX, type ConflictRow, type DecisionRow, type HeldRow, type OutboxRow, type RejectedAction } from './keys.ts';
import type { StoreTx } from './store.ts';

// Typed reads of the store. What lies below a prefix was written by keys.ts's types, so no check is made here.

async function valuesBelow<T>(tx: StoreTx, prefix: string): Promise<T[]> {
  return (await tx.scan(prefix)).map(([, value]) => value as T);
}

/** In the user's order. */
export function outboxRows(tx: StoreTx): Promise<OutboxRow[]> {
  return valuesBelow<OutboxRow>(tx, PREFIX.outbox);
}

export function heldRows(tx: StoreTx, prefix: string = PREFIX.records): Promise<HeldRow[]> {
  return valuesBelow<HeldRow>(tx, prefix);
}

export function conflictRows(tx: StoreTx): Promise<ConflictRow[]> {
  return valuesBelow<ConflictRow>(tx, PREFIX.conflicts);
}

export function decisionRows(tx: StoreTx): Promise<DecisionRow[]> {
  return valuesBelow<DecisionRow>(tx, PREFIX.decisions);
}

export function rejectedActions(tx: StoreTx): Promise<RejectedAction[]> {
  return valuesBelow<RejectedAction>(tx, PREFIX.rejected);
}

export async function heldRow(tx: StoreTx, key: string): Promise<HeldRow | undefined> {
  return (await tx.get(key)) as HeldRow | undefined;
}

export async function conflictRow(tx: StoreTx, id: string): Promise<ConflictRow | undefined> {
  return (await tx.get(keys.conflict(id))) as ConflictRow | undefined;
}
