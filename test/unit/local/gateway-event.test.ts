import { describe, expect, it } from 'vitest';
import { gatewayEvent, type GatewayRequest } from '../../../local/gateway/event.ts';

function event(request: Partial<GatewayRequest> = {}): Record<string, any> {
  return gatewayEvent({
    requestId: 'r1',
    method: 'POST',
    path: '/api/v1/sync/upload',
    rawQueryString: '',
    headers: {},
    body: Buffer.from(''),
    sourceIp: '127.0.0.1',
    timeMs: 0,
    ...request,
  }, 'POST /api/v1/sync/upload', undefined);
}

describe('an event of payload format 2.0', () => {
  it('names version, route, path, method and caller', () => {
    expect(event({ headers: { 'user-agent': ['phone'] } })).toMatchObject({
      version: '2.0',
      routeKey: 'POST /api/v1/sync/upload',
      rawPath: '/api/v1/sync/upload',
      requestContext: {
        requestId: 'r1',
        routeKey: 'POST /api/v1/sync/upload',
        http: { method: 'POST', path: '/api/v1/sync/upload', sourceIp: '127.0.0.1', userAgent: 'phone' },
      },
    });
  });

  it('joins repeated headers and query parameters with commas, and decodes the latter', () => {
    const made = event({ headers: { accept: ['a', 'b'] }, rawQueryString: 'types=report&types=task&q=a%20b+c' });
    expect(made['headers'].accept).toBe('a,b');
    expect(made['queryStringParameters']).toEqual({ types: 'report,task', q: 'a b c' });
    expect(made['rawQueryString']).toBe('types=report&types=task&q=a%20b+c');
  });

  it('has no query, path parameters, cookies or body where there are none', () => {
    for (const key of ['queryStringParameters', 'pathParameters', 'cookies', 'body']) expect(event()).not.toHaveProperty(key);
    expect(event()['isBase64Encoded']).toBe(false);
  });

  it('moves cookies out of the headers', () => {
    const made = event({ headers: { cookie: ['a=1; b=2'] } });
    expect(made['cookies']).toEqual(['a=1', 'b=2']);
    expect(made['headers']).not.toHaveProperty('cookie');
  });

  it.each([
    ['application/json', undefined, false],
    ['application/json; charset=utf-8', undefined, false],
    ['application/problem+json', undefined, false],
    ['text/plain', undefined, false],
    [undefined, undefined, false],
    ['application/json', 'identity', false],
    ['application/json', 'gzip', true],
    ['application/octet-stream', undefined, true],
    ['application/x-www-form-urlencoded', undefined, true],
    ['image/png', undefined, true],
  ])('hands on a body of %s, content-encoding %s, as base64: %s', (type, encoding, base64) => {
    const headers = {
      ...(type !== undefined && { 'content-type': [type] }),
      ...(encoding !== undefined && { 'content-encoding': [encoding] }),
    };
    const made = event({ headers, body: Buffer.from('{"ä":1}') });
    expect(made['isBase64Encoded']).toBe(base64);
    expect(Buffer.from(made['body'], base64 ? 'base64' : 'utf8').toString()).toBe('{"ä":1}');
  });
});
