import type { Domain } from '../engine/domain.ts';
import type { Outcome } from '../engine/model.ts';

const REJECTED: Record<NonNullable<Outcome['code']>, string> = {
  validation_failed: 'The action is not valid.',
  forbidden: 'You may not do this.',
  not_found: 'There is no such record, or you may not see it.',
  unknown_action: 'This server does not know this kind of action.',
  client_id_reused: 'This client_id was used for a different action.',
  too_large: 'The action, or the record it makes, is too large.',
  unsupported_schema_version: 'This version of the data is not supported: update the app.',
  discarded: 'An administrator discarded this action.',
  conflict_changed: 'The record changed since the conflict was shown.',
  already_resolved: 'The conflict was already resolved.',
};

/** A sentence for people about a refusal. */
export function rejectionMessage(code: NonNullable<Outcome['code']>): string {
  return REJECTED[code];
}

/** A sentence for people about an outcome (`message` of a result). */
export function outcomeMessage(domain: Domain, outcome: Pick<Outcome, 'status' | 'code' | 'actionType' | 'entityType' | 'resolution'>): string {
  if (outcome.code) return rejectionMessage(outcome.code);
  if (outcome.status === 'success') {
    const type = Object.hasOwn(domain.types, outcome.entityType) ? domain.types[outcome.entityType] : undefined;
    const action = type && Object.hasOwn(type.actions, outcome.actionType) ? type.actions[outcome.actionType] : undefined;
    return action?.message ?? 'Done';
  }
  switch (outcome.resolution) {
    case 'superseded':
      return 'A later change of this device stands.';
    case 'server_wins':
      return 'This was changed elsewhere meanwhile; that change stands.';
    default:
      return 'This was changed elsewhere meanwhile; the conflict waits for a decision.';
  }
}
