import { resolveRequest } from '../../protocol/conflict.ts';
import type { FieldError } from '../../protocol/error-codes.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { callerOf, OPS } from '../../service/caller.ts';
import type { Deps } from '../../service/deps.ts';
import { resolveConflict } from '../../service/resolve.ts';
import type { Endpoint } from '../handler.ts';
import { jsonBytes } from '../json-bytes.ts';
import { preferencesOf } from '../prefer.ts';
import { bodyOf, validated } from '../validate.ts';

/** `POST /sync/resolve-conflict`. It has no answer for "queued": only how long it waits can be preferred. */
export const decideConflict: Endpoint = async ({ deps, caller, event, remainingMs }) => {
  const request = bodyOf(resolveRequest, event, tooLargeData);
  const { waitMs, headers } = preferencesOf(event.headers, remainingMs(), ['wait']);
  return { status: 200, body: await resolveConflict(deps, caller, request, waitMs), headers };
};

/** What ops get who invoke the function directly with the body of the route: the same answer. */
export async function decideForOps(deps: Deps, event: unknown, remainingMs: number): Promise<object> {
  const request = validated(resolveRequest, event, '', tooLargeData(objectOf(event)));
  const { waitMs } = preferencesOf({}, remainingMs, ['wait']);
  return resolveConflict(deps, callerOf(deps, OPS), request, waitMs);
}

function objectOf(event: unknown): object {
  return typeof event === 'object' && event !== null ? event : {};
}

/** What a person decides is stored like an action's data. */
function tooLargeData(body: { resolved_data?: unknown }): FieldError[] {
  if (jsonBytes(body.resolved_data) <= LIMITS.actionBytes) return [];
  return [{ pointer: '/resolved_data', code: 'too_large', message: `Expected at most ${LIMITS.actionBytes} bytes.` }];
}
