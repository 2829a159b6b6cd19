import type { IncomingMessage } from 'node:http';
import type { JSONWebKeySet } from 'jose';
import type { LocalFunction } from '../lambda/local-function.ts';
import { JWKS_PATH } from '../token/local-issuer.ts';
import { isLoopback } from './cors.ts';
import { readBody } from './request-body.ts';
import { ownAnswer, type GatewayResponse } from './response.ts';
import type { Answerer } from './server.ts';

// What the local server answers besides the template's API: things that are other services on AWS.

/** The key set of the local issuer, for the functions to fetch as they would an identity provider's. */
export function jwksRoute(jwks: JSONWebKeySet): Answerer {
  const body = Buffer.from(JSON.stringify(jwks));
  return async (request) =>
    (request.url === JWKS_PATH ? { status: 200, headers: { 'content-type': 'application/json' }, body } : undefined);
}

/** What a program of this machine needs to look into the stack itself (`npm run verify`). */
export interface StackPlaces {
  readonly region: string;
  readonly dynamoEndpoint: string;
  readonly sqsEndpoint: string;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string | undefined;
  readonly tableNames: Readonly<Record<string, string>>;
}

export const PLACES_PATH = '/.local/stack.json';

/** Where database and queues are. */
export function placesRoute(places: StackPlaces): Answerer {
  const body = Buffer.from(JSON.stringify(places));
  return async (request) => {
    if (request.url !== PLACES_PATH) return undefined;
    return isOwnProgram(request) ? { status: 200, headers: { 'content-type': 'application/json' }, body } : ownAnswer(403, 'Forbidden');
  };
}

const INVOKE_PATH = /^\/2015-03-31\/functions\/([A-Za-z0-9-]+)\/invocations$/;

/**
 * Lambda's own Invoke API, for what ops invoke directly:
 * `aws lambda invoke --endpoint-url http://127.0.0.1:3000 --function-name admin-query …`.
 * For programs on this machine only: never through a browser, nor from the network when HOST opens it.
 */
export function invokeRoute(find: (name: string) => LocalFunction | undefined): Answerer {
  return async (request) => {
    const name = INVOKE_PATH.exec(request.url ?? '')?.[1];
    if (name === undefined || request.method !== 'POST') return undefined;
    if (!isOwnProgram(request)) return ownAnswer(403, 'Forbidden');
    const fn = find(name);
    if (fn === undefined) return ownAnswer(404, `Function not found: ${name}`);
    const body = await readBody(request);
    if (body === undefined) return ownAnswer(413, 'Request Entity Too Large');
    let event: unknown;
    try {
      event = body.length === 0 ? null : JSON.parse(body.toString());
    } catch {
      return ownAnswer(400, 'Could not parse request body into json');
    }
    const outcome = await fn.invoke(event);
    const payload = outcome.kind === 'ok' ? outcome.payload : { errorType: outcome.reason, errorMessage: outcome.message };
    return {
      status: 200,
      headers: {
        'content-type': 'application/json',
        ...(outcome.kind === 'failed' && { 'x-amz-function-error': 'Unhandled' }),
      },
      body: Buffer.from(JSON.stringify(payload)),
    } satisfies GatewayResponse;
  };
}

/** Comes from this machine, and not through a browser. */
export function isOwnProgram(request: IncomingMessage): boolean {
  const address = request.socket.remoteAddress ?? '';
  return (address === '::1' || address.replace(/^::ffff:/, '').startsWith('127.'))
    && request.headers.origin === undefined
    && isLoopback(`http://${request.headers.host ?? ''}`);
}
