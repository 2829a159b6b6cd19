import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import { SyncError } from '../../service/errors.ts';
import type { Answer, HttpEvent } from '../event.ts';
import { problemAnswer } from '../problem.ts';
import { methodsAt } from '../routes.ts';

/** `GET /healthz`, and problem documents for all that no route answers: 405 where another method would do, else 404. */
export function healthOrProblem(event: HttpEvent): Answer {
  if (event.routeKey === 'GET /healthz') {
    return { status: 200, body: { status: 'ok', service: 'fieldsync', protocol_version: PROTOCOL_VERSION } };
  }
  const { requestId } = event.requestContext;
  const methods = methodsAt(event.rawPath);
  if (methods.length === 0) return problemAnswer(new SyncError('not_found', 'There is no such route.'), requestId);
  const answer = problemAnswer(new SyncError('method_not_allowed', `Allowed here: ${methods.join(', ')}.`), requestId);
  return { ...answer, headers: { ...answer.headers, allow: methods.join(', ') } };
}
