import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { gatewayEvent } from '../../local/gateway/event.ts';
import { matchRoute } from '../../local/gateway/routes.ts';
import { createMemoryObjects } from '../../src/adapters/memory/objects.ts';
import { earlierActions } from '../../src/http/endpoints/actions.ts';
import { queryAsAdmin, redriveAsAdmin } from '../../src/http/endpoints/admin.ts';
import { announceAttachment, linkToAttachment } from '../../src/http/endpoints/attachments.ts';
import { ownConflicts } from '../../src/http/endpoints/conflicts.ts';
import { downloadChanges } from '../../src/http/endpoints/download.ts';
import { healthOrProblem } from '../../src/http/endpoints/health.ts';
import { oneRecord } from '../../src/http/endpoints/record.ts';
import { decideConflict } from '../../src/http/endpoints/resolve-conflict.ts';
import { deviceStatus } from '../../src/http/endpoints/status.ts';
import { uploadActions } from '../../src/http/endpoints/upload.ts';
import type { HttpEvent } from '../../src/http/event.ts';
import { httpHandler, publicHandler, type Endpoint, type Runtime } from '../../src/http/handler.ts';
import type { RouteKey } from '../../src/http/routes.ts';
import { INVOCATION } from './http.ts';

/** The routes that need a token. */
export type TokenRoute = Extract<RouteKey, `${string} /api/${string}`>;

const OBJECTS = createMemoryObjects({ now: () => Date.now() });

const ENDPOINTS: Readonly<Record<TokenRoute, Endpoint>> = {
  'POST /api/v1/sync/upload': uploadActions,
  'GET /api/v1/sync/download': downloadChanges,
  'GET /api/v1/sync/status': deviceStatus,
  'GET /api/v1/sync/actions': earlierActions,
  'GET /api/v1/sync/records/{entity_type}/{entity_id}': oneRecord,
  'GET /api/v1/sync/conflicts': ownConflicts,
  'POST /api/v1/sync/resolve-conflict': decideConflict,
  'POST /api/v1/sync/attachments': announceAttachment(() => OBJECTS),
  'GET /api/v1/sync/attachments/{attachment_id}': linkToAttachment(() => OBJECTS),
  'POST /api/v1/admin/query': queryAsAdmin,
  'POST /api/v1/admin/redrive': redriveAsAdmin,
};

export const TOKEN_ROUTES = Object.keys(ENDPOINTS) as TokenRoute[];

/** A request as it is sent; `target` is path and query, header names may repeat. */
export type RawRequest = { method: string; target: string; headers: readonly (readonly [name: string, value: string])[]; body?: Buffer | undefined };

export type Edge = (request: RawRequest) => Promise<APIGatewayProxyStructuredResultV2>;

/** The functions behind the local stack's gateway, in this process; a path that the gateway refuses itself is 400. */
export function createEdge(runtime: Runtime): Edge {
  const withToken = httpHandler(runtime, ENDPOINTS);
  const without = publicHandler(runtime, healthOrProblem);
  const routes = [...TOKEN_ROUTES, 'GET /healthz', '$default'].map((routeKey) => ({ routeKey, functionArn: '', timeoutMs: 30_000 }));
  return async ({ method, target, headers, body }) => {
    const at = target.indexOf('?');
    const path = decoded(at < 0 ? target : target.slice(0, at));
    if (path === undefined) return { statusCode: 400, body: JSON.stringify({ message: 'Bad Request' }) };
    const match = matchRoute(routes, method, path);
    const routeKey = match?.route.routeKey ?? '$default';
    const named = Map.groupBy(headers, ([name]) => name.toLowerCase());
    const request = {
      requestId: 'request-1',
      method,
      path,
      rawQueryString: at < 0 ? '' : target.slice(at + 1),
      headers: Object.fromEntries([...named].map(([name, lines]) => [name, lines.map(([, value]) => value)])),
      body: body ?? Buffer.alloc(0),
      sourceIp: '127.0.0.1',
      timeMs: 0,
    };
    const event = gatewayEvent(request, routeKey, match?.pathParameters) as unknown as HttpEvent;
    return (routeKey in ENDPOINTS ? withToken : without)(event, INVOCATION);
  };
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
