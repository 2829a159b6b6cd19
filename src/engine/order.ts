import { LIMITS } from '../protocol/limits.ts';
import type { AcceptedAction, Scope } from './model.ts';
import { jsonBytes } from './value.ts';

/** An action on its way into the inbox. */
export type Routed = {
  action: AcceptedAction;
  /** Home scope that it is queued to. */
  scope: Scope;
  /** Names its record (`globalKey`); none for a refusal. */
  record: string | undefined;
  priority: number;
};

/** Room for positions within one upload (500 actions). */
const POSITIONS = 1000;

/** Upload order of the action at `position` of an upload: grows along a device's own line of work (P3). */
export function uploadOrder(uploadNumber: number, position: number): number {
  return uploadNumber * POSITIONS + position;
}

/** The number of the upload that gave an action this order. */
export function uploadOf(order: number): number {
  return Math.floor(order / POSITIONS);
}

/** Upload numbers and server ids jump with the epoch, so that no number means two things after a restore. */
export function epochNumber(epoch: number, counter: number): number {
  return epoch * 1_000_000_000 + counter;
}

/** Per record the given order, records by priority (design 4, Upload). Stable. */
export function inOrder(actions: readonly Routed[]): Routed[] {
  const groups = new Map<string, { priority: number; actions: Routed[] }>();
  for (const routed of actions) {
    const key = routed.record ?? `~${routed.action.clientId}`;
    const group = groups.get(key) ?? { priority: routed.priority, actions: [] };
    group.priority = Math.min(group.priority, routed.priority);
    group.actions.push(routed);
    groups.set(key, group);
  }
  return [...groups.values()].sort((a, b) => a.priority - b.priority).flatMap((group) => group.actions);
}

/**
 * Cuts ordered actions into batches: one scope each, at most 25 actions and 256 KB. Keeps the order within a scope. Where
 * the cut parts actions on one record, the later one names the earlier.
 */
export function cutBatches(actions: readonly Routed[]): { scope: Scope; actions: Routed[] }[] {
  const batches: { scope: Scope; actions: Routed[] }[] = [];
  const open = new Map<Scope, { batch: { scope: Scope; actions: Routed[] }; bytes: number }>();
  const last = new Map<string, string>();
  for (const routed of actions) {
    const bytes = jsonBytes(routed.action);
    const current = open.get(routed.scope);
    const fits =
      current && current.batch.actions.length < LIMITS.batchActions && current.bytes + bytes <= LIMITS.batchBytes;
    const after = routed.record === undefined ? undefined : last.get(routed.record);
    if (routed.record !== undefined) last.set(routed.record, routed.action.clientId);
    if (fits) {
      current.batch.actions.push(routed);
      current.bytes += bytes;
    } else {
      const first = after === undefined ? routed : { ...routed, action: { ...routed.action, after } };
      const batch = { scope: routed.scope, actions: [first] };
      batches.push(batch);
      open.set(routed.scope, { batch, bytes: jsonBytes(first.action) });
    }
  }
  return batches;
}
