import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { callerOf, type Caller } from '../service/caller.ts';
import type { Deps } from '../service/deps.ts';
import { SyncError, Trouble } from '../service/errors.ts';
import type { InvocationReport, Report } from '../service/ports/report.ts';
import type { Verifier } from '../service/ports/verifier.ts';
import { bearerToken } from './bearer.ts';
import { encode } from './encode.ts';
import type { Answer, HttpEvent, Invocation } from './event.ts';
import { faultFields } from '../service/fault-fields.ts';
import { problemAnswer } from './problem.ts';

/** Characters of an encoded body: Lambda takes 6 MB for the whole result. */
const LARGEST_BODY = 6 * 1024 * 1024 - 64 * 1024;

/** What handlers run on. The parts behind functions are made at the first call and kept. */
export type Runtime = { report: InvocationReport; deps: () => Deps; verifier: () => Verifier };

/** A request with a valid token. */
export type Call = { deps: Deps; caller: Caller; event: HttpEvent; remainingMs: () => number };

/** Answers one route; refusals are thrown as `SyncError`. */
export type Endpoint = (call: Call) => Promise<Answer>;

export type HttpHandler = (event: HttpEvent, invocation: Invocation) => Promise<APIGatewayProxyStructuredResultV2>;

/** Handler of routes that need a token, by route key. It never throws: every error is a problem document. */
export function httpHandler(runtime: Runtime, endpoints: Readonly<Record<string, Endpoint>>): HttpHandler {
  return publicHandler(runtime, async (event, invocation) => {
    const endpoint = endpoints[event.routeKey];
    if (!endpoint) throw new SyncError('not_found', 'There is no such route.');
    const token = bearerToken(event.headers);
    const claims = await runtime.verifier().verify(token);
    const deps = runtime.deps();
    runtime.report.by(deps.ids.hash(claims.sub));
    const remainingMs = () => invocation.getRemainingTimeInMillis();
    return endpoint({ deps, caller: callerOf(deps, claims), event, remainingMs });
  }, true);
}

/** Handler of routes that anyone may call; `counted`: its bytes are. It never throws: every error is a problem document. */
export function publicHandler(
  { report }: Pick<Runtime, 'report'>,
  answer: (event: HttpEvent, invocation: Invocation) => Answer | Promise<Answer>,
  counted = false,
): HttpHandler {
  return async (event, invocation) => {
    const begun = performance.now();
    const { requestId } = event.requestContext;
    report.begin(requestId);
    const given = await answered(report, requestId, () => answer(event, invocation));
    const result = fitting(report, encode(given, requestId, event.headers['accept-encoding']), requestId);
    if (counted) {
      report.count('request_bytes', bytesOf(event));
      report.count('response_bytes', bytesOf(result));
    }
    report.info('request', { route: event.routeKey, status: result.statusCode ?? 0, ms: Math.round(performance.now() - begun) });
    report.end();
    return result;
  };
}

/** Of a body as it travels, near enough: text is mostly ASCII, and four characters of base64 are three bytes. */
function bytesOf({ body, isBase64Encoded }: { body?: string | undefined; isBase64Encoded?: boolean | undefined }): number {
  const { length } = body ?? '';
  return isBase64Encoded === true ? Math.floor((length * 3) / 4) : length;
}

/** Lambda would drop a larger answer, and the gateway say 500 in its own words. */
function fitting(report: Report, result: APIGatewayProxyStructuredResultV2, requestId: string): APIGatewayProxyStructuredResultV2 {
  if ((result.body?.length ?? 0) <= LARGEST_BODY) return result;
  report.alarm('answer_too_large', { characters: result.body?.length ?? 0 });
  return encode(problemAnswer(new Error('answer too large'), requestId), requestId, undefined);
}

/** Runs it; an error becomes a line of the log and a problem document. */
export async function answered(report: Report, requestId: string, answer: () => Answer | Promise<Answer>): Promise<Answer> {
  try {
    return await answer();
  } catch (error) {
    if (error instanceof SyncError) report.info('refused', { code: error.code, faults: error.errors.length });
    else if (error instanceof Trouble) report.warn('trouble', faultFields(error));
    else report.alarm('unknown_error', faultFields(error));
    return problemAnswer(error, requestId);
  }
}
