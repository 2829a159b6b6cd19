import { createSockets, createSocketsClient } from '../adapters/apigateway/sockets.ts';
import { createDynamoClient } from '../adapters/dynamodb/client.ts';
import { createConnections } from '../adapters/dynamodb/connection-store.ts';
import { createJwtVerifier } from '../adapters/jwt/verifier.ts';
import { systemClock as clock } from '../adapters/system/clock.ts';
import { systemIds as ids } from '../adapters/system/ids.ts';
import type { LiveDeps } from '../service/live/deps.ts';
import { endExpired } from '../service/live/end-expired.ts';
import { poke } from '../service/live/poke.ts';
import type { InvocationReport } from '../service/ports/report.ts';
import type { SessionVerifier } from '../service/ports/verifier.ts';
import { DOMAIN, once } from './compose.ts';
import { ENV, TABLE_ENV, TABLE_KEYS } from './env.ts';
import { createReport } from './report.ts';
import { scheduleHandler } from './schedule-handler.ts';
import { required, trust, type Environment } from './settings.ts';
import { streamHandler } from './stream-handler.ts';

type LiveRuntime = { report: InvocationReport; deps: () => LiveDeps };

function composeRuntime(env: Environment): LiveRuntime {
  const report = createReport();
  return {
    report,
    deps: once(() => ({
      connections: createConnections({ client: createDynamoClient(), table: required(env, TABLE_ENV.connections), clock, ids }),
      sockets: createSockets(createSocketsClient(required(env, ENV.liveEndpoint))),
      domain: DOMAIN,
      clock,
      ids,
      report,
    })),
  };
}

/** What answers the routes of the WebSocket API. */
export function composeLive(env: Environment): LiveRuntime & { sessions: () => SessionVerifier } {
  return { ...composeRuntime(env), sessions: once(() => createJwtVerifier(trust(env), clock)) };
}

/** Fed by the stream of the heads, and started every minute. */
export function composeNotify(env: Environment) {
  const runtime = composeRuntime(env);
  const onHeads = streamHandler(runtime, TABLE_KEYS.scopeLog.partition.name, poke);
  const onSchedule = scheduleHandler(runtime, endExpired);
  return async (event: Parameters<typeof onHeads>[0] | { Records?: never }, invocation: Parameters<typeof onHeads>[1]) =>
    event.Records ? onHeads(event, invocation) : onSchedule(event, invocation);
}
