import { resolveRequest } from '../../protocol/conflict.ts';
import { resolveConflict } from '../../service/resolve.ts';
import type { Endpoint } from '../handler.ts';
import { preferencesOf } from '../prefer.ts';
import { bodyOf } from '../validate.ts';

/** `POST /sync/resolve-conflict`. It has no answer for "queued": only how long it waits can be preferred. */
export const decideConflict: Endpoint = async ({ deps, caller, event, remainingMs }) => {
  const request = bodyOf(resolveRequest, event);
  const { waitMs, headers } = preferencesOf(event.headers, remainingMs(), ['wait']);
  return { status: 200, body: await resolveConflict(deps, caller, request, waitMs), headers };
};
