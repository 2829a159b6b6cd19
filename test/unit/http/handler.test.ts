import { describe, expect, it } from 'vitest';
import { httpOrDirect } from '../../../src/http/direct.ts';
import { httpHandler, type Endpoint } from '../../../src/http/handler.ts';
import { healthOrProblem } from '../../../src/http/endpoints/health.ts';
import { publicHandler } from '../../../src/http/handler.ts';
import { HoleInLog, SyncError, Trouble } from '../../../src/service/errors.ts';
import { bodyJson, httpEvent, INVOCATION, testRuntime } from '../../support/http.ts';

const ROUTE = 'GET /api/v1/sync/status';

function handlerOf(endpoint: Endpoint) {
  const runtime = testRuntime();
  const invocations: string[] = [];
  runtime.report.begin = (id) => void invocations.push(`begin ${id}`);
  runtime.report.end = () => void invocations.push('end');
  return { runtime, invocations, handle: httpHandler(runtime, { [ROUTE]: endpoint }) };
}

const fine: Endpoint = async ({ caller }) => ({ status: 200, body: { sub: caller.sub, scopes: caller.scopes } });

describe('the wrapper of a route', () => {
  it('hands over the caller that the token names, with the scopes that the domain grants', async () => {
    const { handle } = handlerOf(fine);
    const result = await handle(httpEvent(ROUTE), INVOCATION);
    expect(result.statusCode).toBe(200);
    expect(bodyJson(result)).toEqual({ sub: 'alice', scopes: ['user:alice'] });
  });

  it.each([{}, { authorization: 'Bearer nobody' }, { authorization: 'Basic alice' }, { authorization: 'Bearer alice,Bearer bob' }])(
    'refuses %j before it looks at anything else',
    async (headers: Record<string, string>) => {
      const { handle } = handlerOf(() => Promise.reject(new Error('reached')));
      const result = await handle(httpEvent(ROUTE, { headers, body: '{' }), INVOCATION);
      expect(result.statusCode).toBe(401);
      expect(bodyJson(result)).toMatchObject({ code: 'unauthorized', request_id: 'request-1' });
      expect(result.headers).toHaveProperty('www-authenticate');
    },
  );

  it('answers a refusal with its problem document, and calls nobody', async () => {
    const { handle, runtime } = handlerOf(() => Promise.reject(new SyncError('not_found', 'No such record.')));
    const result = await handle(httpEvent(ROUTE), INVOCATION);
    expect([result.statusCode, bodyJson(result)['detail']]).toEqual([404, 'No such record.']);
    expect(runtime.report.alarms()).toEqual([]);
  });

  it.each([
    [new Trouble('GetItem timed out', undefined), 'unavailable', []],
    [new HoleInLog('user:alice', 3), 'internal', ['unknown_error']],
    [new SyntaxError('payload of alice'), 'internal', ['unknown_error']],
    ['payload of alice', 'internal', ['unknown_error']],
  ])('answers %s with 503 %s and alarms %j, without the payload in answer or log (P12)', async (error, code, alarms) => {
    const { handle, runtime } = handlerOf(() => {
      throw error;
    });
    const result = await handle(httpEvent(ROUTE), INVOCATION);
    expect([result.statusCode, bodyJson(result)['code']]).toEqual([503, code]);
    expect(runtime.report.alarms()).toEqual(alarms);
    expect(JSON.stringify([result, runtime.report.lines])).not.toContain('payload');
  });

  it('answers 503, not 401, when keys can not be had, and when what it runs on can not be made', async () => {
    const { handle, runtime } = handlerOf(fine);
    runtime.verifier = () => ({ verify: () => Promise.reject(new Trouble('key set', undefined)) });
    expect((await handle(httpEvent(ROUTE), INVOCATION)).statusCode).toBe(503);
    runtime.verifier = () => {
      throw new Error('TOKEN_ISSUER is missing');
    };
    expect((await handle(httpEvent(ROUTE), INVOCATION)).statusCode).toBe(503);
  });

  it('logs one line per request: route, status, time, and nothing of the caller', async () => {
    const { handle, runtime, invocations } = handlerOf(fine);
    await handle(httpEvent(ROUTE, { queryStringParameters: { device_id: 'secret' } }), INVOCATION);
    expect(runtime.report.lines).toEqual([{ level: 'info', event: 'request', fields: { route: ROUTE, status: 200, ms: expect.any(Number) } }]);
    expect(invocations).toEqual(['begin request-1', 'end']);
    expect(runtime.report.users).toEqual([runtime.world.ids.hash('alice')]);
  });

  it('refuses an answer that Lambda could not return, and alarms', async () => {
    const { handle, runtime } = handlerOf(async () => ({ status: 200, body: { text: 'x'.repeat(6 * 1024 * 1024) } }));
    const result = await handle(httpEvent(ROUTE), INVOCATION);
    expect([result.statusCode, bodyJson(result)['code']]).toEqual([503, 'internal']);
    expect(runtime.report.alarms()).toEqual(['answer_too_large']);
  });

  it('knows only its own routes', async () => {
    const { handle } = handlerOf(fine);
    expect((await handle(httpEvent('GET /elsewhere'), INVOCATION)).statusCode).toBe(404);
  });
});

describe('routes without a token', () => {
  const handle = publicHandler(testRuntime(), healthOrProblem);

  it('say that the service lives', async () => {
    expect(bodyJson(await handle(httpEvent('GET /healthz', { headers: {} }), INVOCATION))).toEqual({
      status: 'ok', service: 'fieldsync', protocol_version: '1.0',
    });
  });

  it.each([
    ['/nowhere', 404, undefined],
    ['/api/v1/sync/upload', 405, 'POST'],
    ['/api/v1/sync/records/report/r-1', 405, 'GET'],
    ['/healthz', 405, 'GET'],
  ])('answer %s with %i (Allow: %s)', async (rawPath, status, allow) => {
    const result = await handle(httpEvent('$default', { rawPath, headers: {} }), INVOCATION);
    expect([result.statusCode, result.headers?.['allow']]).toEqual([status, allow]);
    expect(result.headers).toHaveProperty('content-type', 'application/problem+json');
  });
});

describe('a function that may be invoked directly', () => {
  const { report } = testRuntime();
  const http = async () => ({ statusCode: 204 });

  it('tells requests of the API from direct events', async () => {
    const handle = httpOrDirect(testRuntime(), http, async (event) => ({ event }));
    expect(await handle(httpEvent(ROUTE), INVOCATION)).toEqual({ statusCode: 204 });
    expect(await handle({ query: 'overview' }, INVOCATION)).toEqual({ event: { query: 'overview' } });
    expect(await handle(null, INVOCATION)).toEqual({ event: null });
  });

  it('answers a direct refusal with a problem document', async () => {
    const handle = httpOrDirect({ ...testRuntime(), report }, http, () => Promise.reject(new SyncError('validation_failed', 'No.')));
    expect(await handle({}, INVOCATION)).toMatchObject({ status: 422, code: 'validation_failed', request_id: 'invocation-1' });
  });
});
