import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { BEARER_PROTOCOL, LIVE_PROTOCOL, type LiveMessage } from '../protocol/live.ts';
import { SyncError } from '../service/errors.ts';
import { connect, disconnected, stillOpen } from '../service/live/connect.ts';
import type { LiveDeps } from '../service/live/deps.ts';
import type { InvocationReport } from '../service/ports/report.ts';
import type { SessionVerifier } from '../service/ports/verifier.ts';
import type { Answer } from './event.ts';
import { answered } from './handler.ts';

/** What the function reads of a WebSocket API's event. Headers: at $connect only, with names as they were sent. */
export type LiveEvent = {
  requestContext: { routeKey: string; connectionId: string; requestId: string };
  headers?: Readonly<Record<string, string | undefined>>;
  multiValueHeaders?: Readonly<Record<string, readonly string[] | undefined>>;
  body?: string | null;
};

export type LiveRuntime = { report: InvocationReport; deps: () => LiveDeps; sessions: () => SessionVerifier };

export type LiveHandler = (event: LiveEvent) => Promise<APIGatewayProxyStructuredResultV2>;

/** A JWT and nothing else; which of them is good is the verifier's to say. */
const TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;
/** Messages longer than this are none of ours. */
const LONGEST_MESSAGE = 256;

/**
 * The routes of the WebSocket API. Refusals have a status and no body, for nobody can read one there. It never throws, and
 * never answers with what it was sent: the offered subprotocols hold the token.
 */
export function liveHandler(runtime: LiveRuntime): LiveHandler {
  const { report } = runtime;
  return async (event) => {
    const begun = performance.now();
    const { routeKey, requestId } = event.requestContext;
    report.begin(requestId);
    const { status, body, headers } = await answered(report, requestId, () => route(runtime, event));
    report.info('live', { route: routeKey, status, ms: Math.round(performance.now() - begun) });
    report.end();
    if (status !== 200) return { statusCode: status };
    return { statusCode: 200, ...(headers && { headers }), ...('type' in body && { body: JSON.stringify(body) }) };
  };
}

function route(runtime: LiveRuntime, event: LiveEvent): Promise<Answer> {
  switch (event.requestContext.routeKey) {
    case '$connect':
      return opened(runtime, event);
    case '$disconnect':
      return disconnected(runtime.deps(), event.requestContext.connectionId).then(() => ({ status: 200, body: {} }));
    default:
      return heard(runtime, event);
  }
}

async function opened({ deps, sessions, report }: LiveRuntime, event: LiveEvent): Promise<Answer> {
  const session = await sessions().session(offeredToken(event));
  const world = deps();
  report.by(world.ids.hash(session.claims.sub));
  await connect(world, event.requestContext.connectionId, session);
  return { status: 200, body: {}, headers: { 'Sec-WebSocket-Protocol': LIVE_PROTOCOL } };
}

/** Whatever is said shows that somebody is there; only a ping is answered. */
async function heard({ deps }: LiveRuntime, { requestContext, body }: LiveEvent): Promise<Answer> {
  const pong: LiveMessage = { type: 'pong' };
  return { status: 200, body: (await stillOpen(deps(), requestContext.connectionId)) && isPing(body ?? '') ? pong : {} };
}

/**
 * The token among the offered subprotocols: exactly one, beside ours.
 *
 * @throws SyncError `malformed_request` without our subprotocol, `unauthorized` without one token.
 */
function offeredToken({ multiValueHeaders, headers = {} }: LiveEvent): string {
  const named = Object.entries<string | readonly string[] | undefined>(multiValueHeaders ?? headers);
  const lines = named.flatMap(([name, values = []]) => (name.toLowerCase() === 'sec-websocket-protocol' ? values : []));
  const offered = lines.join(',').split(',').map((protocol) => protocol.trim());
  const tokens = offered.filter((protocol) => protocol.startsWith(BEARER_PROTOCOL)).map((protocol) => protocol.slice(BEARER_PROTOCOL.length));
  const [token, ...others] = tokens;
  if (token === undefined || others.length > 0 || !TOKEN.test(token)) {
    throw new SyncError('unauthorized', 'Offer exactly one subprotocol `bearer.<token>`.');
  }
  if (!offered.includes(LIVE_PROTOCOL)) throw new SyncError('malformed_request', `Offer the subprotocol ${LIVE_PROTOCOL}.`);
  return token;
}

function isPing(text: string): boolean {
  if (text.length > LONGEST_MESSAGE) return false;
  try {
    const message: unknown = JSON.parse(text);
    return typeof message === 'object' && message !== null && 'type' in message && message.type === 'ping';
  } catch {
    return false;
  }
}
