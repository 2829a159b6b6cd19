import { actorOf } from '../engine/domain.ts';
import type { Actor, Claims } from '../engine/model.ts';
import type { Deps } from './deps.ts';

/** Who calls a use case: the claims of a verified token and the scopes that they grant. */
export type Caller = Actor;

/** Acts for ops who invoke a function directly: who may do that is the platform's own lock. */
export const OPS: Claims = { sub: '~ops', role: 'admin', departments: [] };

/** The caller behind verified claims; the domain says which scopes they grant. */
export function callerOf(deps: Pick<Deps, 'engine'>, claims: Claims): Caller {
  return actorOf(deps.engine.domain, claims);
}
