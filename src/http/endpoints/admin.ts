import { adminQueryRequest, redriveRequest } from '../../protocol/admin.ts';
import { adminQuery } from '../../service/admin-query.ts';
import { OPS, type Caller } from '../../service/caller.ts';
import type { Deps } from '../../service/deps.ts';
import { SyncError } from '../../service/errors.ts';
import { redrive } from '../../service/redrive.ts';
import type { Endpoint } from '../handler.ts';
import { bodyOf, validated } from '../validate.ts';

/** `POST /admin/query`. */
export const queryAsAdmin: Endpoint = async ({ deps, caller, event }) => {
  requireAdmin(caller);
  return { status: 200, body: await adminQuery(deps, caller, bodyOf(adminQueryRequest, event)) };
};

/** `POST /admin/redrive`. */
export const redriveAsAdmin: Endpoint = async ({ deps, caller, event }) => {
  requireAdmin(caller);
  return { status: 200, body: await redrive(deps, caller, bodyOf(redriveRequest, event)) };
};

/**
 * What ops get who invoke the function directly: `event` is the body of a query, or `{ redrive: <body> }`. Answers the
 * same as the routes do.
 */
export async function answerOps(deps: Deps, event: unknown): Promise<object> {
  if (typeof event === 'object' && event !== null && 'redrive' in event) {
    return redrive(deps, OPS, validated(redriveRequest, event.redrive, '/redrive'));
  }
  return adminQuery(deps, OPS, validated(adminQueryRequest, event));
}

/** The services ask too, but only after the body was read. */
function requireAdmin(caller: Caller): void {
  if (caller.role !== 'admin') throw new SyncError('forbidden', 'Only admins may do this.');
}
