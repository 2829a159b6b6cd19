import { resolveRequest } from '../../protocol/conflict.ts';
import type { FieldError } from '../../protocol/error-codes.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { resolveConflict } from '../../service/resolve.ts';
import type { Endpoint } from '../handler.ts';
import { jsonBytes } from '../json-bytes.ts';
import { preferencesOf } from '../prefer.ts';
import { bodyOf } from '../validate.ts';

/** `POST /sync/resolve-conflict`. It has no answer for "queued": only how long it waits can be preferred. */
export const decideConflict: Endpoint = async ({ deps, caller, event, remainingMs }) => {
  const request = bodyOf(resolveRequest, event, tooLargeData);
  const { waitMs, headers } = preferencesOf(event.headers, remainingMs(), ['wait']);
  return { status: 200, body: await resolveConflict(deps, caller, request, waitMs), headers };
};

/** What a person decides is stored like an action's data. */
function tooLargeData(body: { resolved_data?: unknown }): FieldError[] {
  if (jsonBytes(body.resolved_data) <= LIMITS.actionBytes) return [];
  return [{ pointer: '/resolved_data', code: 'too_large', message: `Expected at most ${LIMITS.actionBytes} bytes.` }];
}
