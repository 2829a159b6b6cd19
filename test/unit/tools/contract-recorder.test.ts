import type { IncomingMessage } from 'node:http';
import { brotliCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { GatewayResponse } from '../../../local/gateway/response.ts';
import { problemAnswer } from '../../../src/http/problem.ts';
import { SyncError } from '../../../src/service/errors.ts';
import { ContractRecorder } from '../../support/contract-recorder.ts';

const HEALTH = { status: 'ok', service: 'fieldsync', protocol_version: '1.0' };
const FOUND = { 'content-type': 'application/json', 'x-request-id': 'r' };

async function recorded(method: string, url: string, response: Partial<GatewayResponse>): Promise<ContractRecorder> {
  const recorder = new ContractRecorder();
  const answer = { status: 200, headers: FOUND, body: Buffer.from(JSON.stringify(HEALTH)), ...response };
  await recorder.before(async () => answer)({ method, url } as IncomingMessage);
  return recorder;
}

const json = (body: object) => Buffer.from(JSON.stringify(body));
const refusal = (code: 'not_found' | 'validation_failed' | 'unavailable') => {
  const { status, body, headers = {} } = problemAnswer(new SyncError(code, 'No.'), 'r');
  return { status, body: json(body), headers: { ...headers, 'x-request-id': 'r' } };
};

describe('what holds every end-to-end answer to the OpenAPI document', () => {
  it.each([
    ['an answer as documented', 'GET', '/healthz', {}],
    ['a compressed one', 'GET', '/healthz', { headers: { ...FOUND, 'content-encoding': 'br' }, body: brotliCompressSync(json(HEALTH)) }],
    ['a documented problem', 'GET', '/api/v1/sync/status', refusal('validation_failed')],
    ['trouble', 'GET', '/api/v1/sync/status', refusal('unavailable')],
    ['what the gateway says', 'GET', '/healthz', { status: 429, headers: { 'content-type': 'application/json' }, body: json({ message: 'Too Many Requests' }) }],
    ['what the gateway can not read', 'GET', '/%zz', { status: 400, headers: { 'content-type': 'application/json' }, body: json({ message: 'Bad Request' }) }],
    ['a path to nowhere', 'GET', '/nowhere', refusal('not_found')],
  ])('lets %s pass', async (_, method, url, response) => {
    expect((await recorded(method, url, response)).violations).toEqual([]);
  });

  it.each([
    ['an undocumented field', 'GET', '/healthz', { body: json({ ...HEALTH, extra: 1 }) }],
    ['a missing field', 'GET', '/healthz', { body: json({ status: 'ok' }) }],
    ['an undocumented status', 'GET', '/healthz', { status: 201 }],
    ['another content type', 'GET', '/healthz', { headers: { ...FOUND, 'content-type': 'text/html' } }],
    ['no request id', 'GET', '/healthz', { headers: { 'content-type': 'application/json' } }],
    ['a code that the route does not have', 'GET', '/api/v1/sync/download?device_id=x', refusal('not_found')],
    ['a problem with another field', 'GET', '/nowhere', { ...refusal('not_found'), body: json({ ...HEALTH }) }],
    ['503 without Retry-After', 'GET', '/api/v1/sync/status', { ...refusal('unavailable'), headers: { 'content-type': 'application/problem+json', 'x-request-id': 'r' } }],
    ['success from nowhere', 'GET', '/nowhere', {}],
  ])('notices %s', async (_, method, url, response) => {
    expect((await recorded(method, url, response)).violations).toHaveLength(1);
  });

  it('knows which documented routes and statuses nobody saw', async () => {
    const recorder = await recorded('GET', '/healthz', {});
    expect(recorder.routesNotSeen).toContain('POST /api/v1/sync/upload');
    expect(recorder.routesNotSeen).not.toContain('GET /healthz');
    expect(recorder.statusesNotSeen).toContain('GET /healthz 503');
    expect(recorder.statusesNotSeen).not.toContain('GET /healthz 200');
  });
});
