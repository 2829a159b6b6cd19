import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { compareLines } from '../../src/adapters/diff3/compare-lines.ts';
import { createMemoryPorts } from '../../src/adapters/memory/ports.ts';
import { createMemoryReport, type MemoryReport } from '../../src/adapters/memory/report.ts';
import { TestClock } from '../../src/adapters/memory/test-clock.ts';
import { civic } from '../../src/domain/civic.ts';
import type { HttpEvent, Invocation } from '../../src/http/event.ts';
import type { Runtime } from '../../src/http/handler.ts';
import type { Deps } from '../../src/service/deps.ts';
import { SyncError } from '../../src/service/errors.ts';
import { claims } from './builders.ts';

export const INVOCATION: Invocation = { awsRequestId: 'invocation-1', getRemainingTimeInMillis: () => 29_000 };

/** An event as an HTTP API makes it, from a route key such as `POST /api/v1/sync/upload`. */
export function httpEvent(routeKey: string, overrides: Partial<HttpEvent> = {}): HttpEvent {
  const [method = 'GET', path = '/'] = routeKey.split(' ');
  return {
    routeKey,
    rawPath: path,
    headers: { authorization: 'Bearer alice' },
    isBase64Encoded: false,
    requestContext: { requestId: 'request-1', http: { method } },
    ...overrides,
  };
}

/** An event that carries JSON. */
export function jsonEvent(routeKey: string, body: unknown, headers: Record<string, string> = {}): HttpEvent {
  return httpEvent(routeKey, {
    headers: { authorization: 'Bearer alice', 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** The civic domain over memory. A token is the name of its user; `admin` is one, `nobody` is refused. */
export function testRuntime(): Runtime & { report: MemoryReport; world: Deps } {
  const report = Object.assign(createMemoryReport(), { begin() {}, end() {} });
  const world: Deps = {
    ...createMemoryPorts({ clock: new TestClock({ auto: true }), report }),
    engine: { domain: civic, compareLines, conflictIdOf: (user, clientId) => `c-${user}-${clientId}` },
    epoch: 0,
  };
  const verify = async (token: string) => {
    if (token === 'nobody') throw new SyncError('unauthorized', 'The token is not valid.');
    return claims({ sub: token, role: token === 'admin' ? 'admin' : 'citizen' });
  };
  return { report, world, deps: () => world, verifier: () => ({ verify }) };
}

/** A result's body as the caller gets it, decoded. */
export function bodyText({ body = '', isBase64Encoded, headers = {} }: APIGatewayProxyStructuredResultV2): string {
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  const coding = headers['content-encoding'];
  return (coding === 'br' ? brotliDecompressSync(bytes) : coding === 'gzip' ? gunzipSync(bytes) : bytes).toString();
}

export function bodyJson<T = Record<string, unknown>>(result: APIGatewayProxyStructuredResultV2): T {
  return JSON.parse(bodyText(result)) as T;
}
