import type { Commit, Outcome } from '../../../src/engine/model.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { same } from './values.ts';

/** Photos that an action names, but for what its base already had. */
export function namedBy(action: JsonObject): string[] {
  const data = (action['data'] ?? {}) as JsonObject;
  const base = (action['base'] ?? {}) as JsonObject;
  const value = data['photos'];
  if (value === undefined || (Object.hasOwn(base, 'photos') && same(base['photos'], value))) return [];
  const list = Array.isArray(value) ? value : ((value as JsonObject | null)?.['$add'] ?? []);
  return Array.isArray(list) ? list.filter((id) => typeof id === 'string') : [];
}

/** Did this commit change another record too? It may have named a photo in passing, of which no image tells. */
export function worksBeside(commit: Commit, outcome: Outcome): boolean {
  return commit.outcomes.some((other) => other !== outcome && other.entityType === outcome.entityType && other.entityId !== outcome.entityId && other.status !== 'rejected');
}
