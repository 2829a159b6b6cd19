import { ERROR_CODES, type ErrorCode } from '../protocol/error-codes.ts';
import type { Problem } from '../protocol/problem.ts';
import { SyncError, Trouble } from '../service/errors.ts';
import type { Answer } from './event.ts';

/** Where each code is explained (docs/errors.md), served by the documentation; a full path, as RFC 9457 asks of relative ones. */
const ERROR_PAGE = '/docs/errors';

/** Seconds after which another try makes sense, where the error itself does not say. */
const RETRY_AFTER: Readonly<Record<number, number>> = { 429: 60, 503: 3 };

/**
 * Any error as an answer: a refusal by its code, trouble as `unavailable`, a bug as `internal`; the last two say nothing
 * of what happened (P12: never 4xx).
 */
export function problemAnswer(error: unknown, requestId: string): Answer {
  if (error instanceof SyncError) {
    const answer = refusal(error.code, error.message, requestId, error);
    return error.code === 'unauthorized' || error.code === 'token_expired' ? challenged(answer, error.code) : answer;
  }
  const detail = 'The request could not be completed. It may still take effect; sending it again is safe.';
  return refusal(error instanceof Trouble ? 'unavailable' : 'internal', detail, requestId);
}

/** A problem document (RFC 9457) with its status; `members` are added to it and replace none of its own. */
function refusal(
  code: ErrorCode,
  detail: string,
  requestId: string,
  more: Partial<Pick<SyncError, 'errors' | 'members' | 'retryAfterSeconds'>> = {},
): Answer {
  const { status, title, retryable } = ERROR_CODES[code];
  const problem: Problem = {
    type: `${ERROR_PAGE}#${code}`,
    title,
    status,
    detail,
    code,
    request_id: requestId,
    retryable,
    errors: more.errors ?? [],
  };
  const retryAfter = more.retryAfterSeconds ?? RETRY_AFTER[status];
  return {
    status,
    body: { ...more.members, ...problem },
    headers: {
      'content-type': 'application/problem+json',
      ...(retryAfter === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfter))) }),
    },
  };
}

function challenged(answer: Answer, code: 'unauthorized' | 'token_expired'): Answer {
  const error = code === 'token_expired' ? ', error="invalid_token", error_description="The token has expired"' : '';
  return { ...answer, headers: { ...answer.headers, 'www-authenticate': `Bearer realm="fieldsync"${error}` } };
}
