import { describe, expect, it } from 'vitest';
import { isLoopback, isOwnPage, preflightHeaders, withCors } from '../../../local/gateway/cors.ts';
import { gatewayResponse } from '../../../local/gateway/response.ts';
import { matchRoute } from '../../../local/gateway/routes.ts';

describe('a route', () => {
  const routes = ['GET /a/{x}', 'GET /a/list', 'POST /a/{x}', 'GET /a/{x}/b/{y}', '$default']
    .map((routeKey) => ({ routeKey, functionArn: routeKey, timeoutMs: 1 }));
  const match = (method: string, path: string) => {
    const found = matchRoute(routes, method, path);
    return [found?.route.routeKey, found?.pathParameters];
  };

  it('is found by method and path, literal segments first', () => {
    expect(match('GET', '/a/list')).toEqual(['GET /a/list', undefined]);
    expect(match('GET', '/a/7')).toEqual(['GET /a/{x}', { x: '7' }]);
    expect(match('POST', '/a/list')).toEqual(['POST /a/{x}', { x: 'list' }]);
    expect(match('GET', '/a/1/b/u@x')).toEqual(['GET /a/{x}/b/{y}', { x: '1', y: 'u@x' }]);
  });

  it.each([['DELETE', '/a/7'], ['GET', '/a/'], ['GET', '/a/7/'], ['GET', '/'], ['GET', '/a/1/b']])(
    'is the default for %s %s', (method, path) => {
      expect(match(method, path)).toEqual(['$default', undefined]);
    });

  it('is missing without a default', () => {
    expect(matchRoute(routes.slice(0, 1), 'GET', '/other')).toBeUndefined();
  });
});

describe('a response', () => {
  const answer = (payload: unknown) => {
    const { status, headers, body } = gatewayResponse({ kind: 'ok', payload });
    return { status, headers, body: body.toString() };
  };

  it('has the status, headers, cookies and body that the function gave', () => {
    expect(answer({ statusCode: 202, headers: { 'Content-Type': 'application/json', 'Retry-After': 3 }, cookies: ['a=1'], body: '{}' }))
      .toEqual({ status: 202, headers: { 'content-type': 'application/json', 'retry-after': '3', 'set-cookie': ['a=1'] }, body: '{}' });
    expect(answer({ statusCode: 200, body: Buffer.from('ä').toString('base64'), isBase64Encoded: true }).body).toBe('ä');
  });

  it('leaves the framing to the server', () => {
    expect(answer({ statusCode: 200, headers: { 'Content-Length': '99', Connection: 'close' } }).headers)
      .toEqual({ 'content-type': 'text/plain;charset=UTF-8' });
  });

  it('is the result itself as JSON where that has no status', () => {
    expect(answer({ ok: true })).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' }, body: '{"ok":true}' });
  });

  it.each([
    ['a failure', { kind: 'failed', reason: 'error', message: 'secret' } as const],
    ['a status that is none', { kind: 'ok', payload: { statusCode: 'x' } } as const],
    ['a body that is not text', { kind: 'ok', payload: { statusCode: 200, body: { a: 1 } } } as const],
    ['a result over 6 MB', { kind: 'ok', payload: { statusCode: 200, body: 'a'.repeat(7_000_000) } } as const],
  ])('is a plain 500 for %s', (_what, outcome) => {
    const { status, body } = gatewayResponse(outcome);
    expect([status, body.toString()]).toEqual([500, '{"message":"Internal Server Error"}']);
  });
});

describe('CORS', () => {
  const cors = { AllowOrigins: ['https://a.example'], AllowMethods: ['GET'], AllowHeaders: ['authorization'], ExposeHeaders: ['retry-after'], MaxAge: 60 };

  it.each([
    ['http://localhost:5173', true], ['http://127.0.0.1:8080', true], ['http://[::1]:3000', true],
    ['https://localhost.evil.example', false], ['http://127.0.0.1.evil.example', false], ['null', false],
  ])('%s is a page of this machine: %s', (origin, expected) => {
    expect(isLoopback(origin)).toBe(expected);
  });

  it.each([
    ['http://192.168.1.20:8081', true], ['http://localhost:1', true], ['http://192.168.1.21:8081', false],
    ['http://192.168.1.20.evil.example', false], ['null', false],
  ])('%s is a page that a phone gets from 192.168.1.20: %s', (origin, expected) => {
    expect(isOwnPage(origin, ['192.168.1.20'])).toBe(expected);
  });

  it('permits the template\'s origins and loopback, and answers others with nothing', () => {
    for (const origin of ['https://a.example', 'http://localhost:1']) {
      expect(preflightHeaders(cors, origin, undefined)).toEqual({
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'GET',
        'access-control-allow-headers': 'authorization',
        'access-control-max-age': '60',
        vary: 'origin',
      });
    }
    expect(preflightHeaders(cors, 'https://b.example', undefined)).toEqual({});
  });

  it('replaces what a function says about it', () => {
    expect(withCors(cors, 'https://a.example', { 'access-control-allow-origin': '*', vary: 'accept-encoding', etag: 'x' })).toEqual({
      'access-control-allow-origin': 'https://a.example',
      'access-control-expose-headers': 'retry-after',
      vary: 'accept-encoding, origin',
      etag: 'x',
    });
    expect(withCors(cors, undefined, { 'access-control-allow-origin': '*' })).toEqual({});
  });
});
