import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { LocalFunction, Outcome } from '../lambda/local-function.ts';
import type { StackResources } from '../template/resources.ts';
import { preflightHeaders, withCors } from './cors.ts';
import { gatewayEvent, type GatewayRequest } from './event.ts';
import { headBytes, LARGEST_HEAD, readBody } from './request-body.ts';
import { gatewayResponse, ownAnswer, type GatewayResponse } from './response.ts';
import { matchRoute } from './routes.ts';

/** What Lambda takes as an event, in bytes of JSON. */
const LARGEST_EVENT = 6 * 1024 * 1024;

/** The HTTP API of the template: from a request to a function's answer, with the limits that AWS has. */
export class Gateway {
  readonly #resources: StackResources;
  readonly #functionOf: (arn: string) => LocalFunction;

  constructor(resources: StackResources, functionOf: (arn: string) => LocalFunction) {
    this.#resources = resources;
    this.#functionOf = functionOf;
  }

  async answer(incoming: IncomingMessage): Promise<GatewayResponse> {
    const { origin } = incoming.headers;
    const { cors } = this.#resources;
    const asked = incoming.headers['access-control-request-headers'];
    const isPreflight = incoming.method === 'OPTIONS' && incoming.headers['access-control-request-method'] !== undefined;
    if (origin !== undefined && isPreflight) {
      return { status: 204, headers: preflightHeaders(cors, origin, asked), body: Buffer.alloc(0) };
    }
    const requestId = randomUUID();
    const response = await this.#forward(incoming, requestId);
    return { ...response, headers: withCors(cors, origin, { ...response.headers, 'apigw-requestid': requestId }) };
  }

  async #forward(incoming: IncomingMessage, requestId: string): Promise<GatewayResponse> {
    if (headBytes(incoming) > LARGEST_HEAD) return ownAnswer(431, 'Request Header Fields Too Large');
    const [rawPath, rawQueryString] = splitTarget(incoming.url ?? '/');
    const path = decoded(rawPath);
    if (path === undefined) return ownAnswer(400, 'Bad Request');
    const body = await readBody(incoming);
    if (body === undefined) return ownAnswer(413, 'Request Entity Too Large');

    const request: GatewayRequest = {
      requestId,
      method: incoming.method ?? 'GET',
      path,
      rawQueryString,
      headers: incoming.headersDistinct as Record<string, string[]>,
      body,
      sourceIp: incoming.socket.remoteAddress ?? '127.0.0.1',
      timeMs: Date.now(),
    };
    const match = matchRoute(this.#resources.routes, request.method, path);
    if (match === undefined) return ownAnswer(404, 'Not Found');
    const event = gatewayEvent(request, match.route.routeKey, match.pathParameters);
    if (Buffer.byteLength(JSON.stringify(event)) > LARGEST_EVENT) return ownAnswer(413, 'Request Entity Too Large');

    const outcome = await within(match.route.timeoutMs, this.#functionOf(match.route.functionArn).invoke(event));
    return outcome === undefined ? ownAnswer(503, 'Service Unavailable') : gatewayResponse(outcome);
  }
}

function splitTarget(target: string): [path: string, query: string] {
  const at = target.indexOf('?');
  return at < 0 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)];
}

/** HTTP APIs hand on the decoded path, `rawPath` as well. */
function decoded(rawPath: string): string | undefined {
  try {
    return decodeURIComponent(rawPath);
  } catch {
    return undefined;
  }
}

async function within(timeoutMs: number, invocation: Promise<Outcome>): Promise<Outcome | undefined> {
  const { promise: timeout, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(resolve, timeoutMs, undefined);
  try {
    return await Promise.race([invocation, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
