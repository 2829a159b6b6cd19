import { request } from 'node:http';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, inject, it } from 'vitest';
import type { ApiAnswer } from '../../local/demo/api.ts';
import { LIMITS } from '../../src/protocol/limits.ts';
import { action, citizen, fresh, PATIENT, stranger, tokenFor } from '../support/people.ts';

const create = (title: string) => action({ data: { title, category: 'roads' } });

/** Every member of a problem document, and what must not be in it. */
function expectProblem(answer: ApiAnswer, status: number, code: string, more: object = {}): void {
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.body).toMatchObject({
    type: `/docs/errors#${code}`,
    title: expect.any(String),
    status,
    detail: expect.any(String),
    code,
    request_id: expect.stringMatching(/.{8,}/),
    retryable: expect.any(Boolean),
    errors: expect.any(Array),
    ...more,
  });
  expect(JSON.stringify(answer.body)).not.toMatch(/\bat .*\.(ts|cjs|js):\d+|node_modules|Error:/);
}

const ROUTES = [
  ['POST', 'sync/upload'],
  ['GET', 'sync/download?device_id=x'],
  ['GET', 'sync/status?device_id=x'],
  ['GET', 'sync/actions?device_id=x&client_ids=a'],
  ['GET', 'sync/records/report/x'],
  ['GET', 'sync/conflicts'],
  ['POST', 'sync/resolve-conflict'],
  ['POST', 'sync/attachments'],
  ['GET', 'sync/attachments/x?entity_id=y'],
  ['POST', 'admin/query'],
  ['POST', 'admin/redrive'],
] as const;

describe('a token', () => {
  it.each(ROUTES)('is needed for %s %s', async (method, path) => {
    const answer = await stranger().request(method, path, method === 'POST' ? { body: {} } : {});
    expectProblem(answer, 401, 'unauthorized', { retryable: false });
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
  });

  it('that has expired says so', async () => {
    const token = await tokenFor({ sub: fresh('alice'), role: 'citizen', expiresInSeconds: -3600 });
    const answer = await stranger(token).request('GET', 'sync/status?device_id=x');
    expectProblem(answer, 401, 'token_expired');
    expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  it('with a role that is unknown is forbidden', async () => {
    const token = await tokenFor({ sub: fresh('eve'), role: 'emperor' });
    expectProblem(await stranger(token).request('GET', 'sync/status?device_id=x'), 403, 'forbidden');
  });

  it('that was tampered with, or is none, is refused', async () => {
    const token = await tokenFor({ sub: fresh('alice'), role: 'citizen' });
    const [head, , signature] = token.split('.');
    const claims = Buffer.from(JSON.stringify({ sub: 'root', role: 'admin' })).toString('base64url');
    const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
    for (const forged of [`${head}.${claims}.${signature}`, `${none}.${claims}.`, 'abc']) {
      expectProblem(await stranger(forged).request('GET', 'sync/status?device_id=x'), 401, 'unauthorized');
    }
  });
});

describe('without a token', () => {
  it('/healthz says that the service is there', async () => {
    const { status, body } = await stranger().request('GET', '/healthz');
    expect(status).toBe(200);
    expect(body).toEqual({ status: 'ok', service: 'fieldsync', protocol_version: expect.stringMatching(/^1\./) });
  });
});

describe('a request', () => {
  it('to nowhere is 404, with the wrong method 405 and what is allowed', async () => {
    const { api } = await citizen();
    expectProblem(await api.request('GET', '/nowhere'), 404, 'not_found');
    expectProblem(await api.request('GET', 'sync/nowhere'), 404, 'not_found');
    const wrong = await api.request('DELETE', 'sync/upload');
    expectProblem(wrong, 405, 'method_not_allowed');
    expect(wrong.headers.get('allow')).toBe('POST');
  });

  it('that is not JSON is 400, of another type 415', async () => {
    const { api } = await citizen();
    expectProblem(await api.request('POST', 'sync/upload', { body: '{"device_id":' }), 400, 'malformed_json');
    expectProblem(await api.request('POST', 'sync/upload', { body: '[]' }), 400, 'malformed_request');
    expectProblem(await api.request('POST', 'sync/upload'), 400, 'malformed_request');
    const xml = { body: '<upload/>', headers: { 'content-type': 'application/xml' } };
    expectProblem(await api.request('POST', 'sync/upload', xml), 415, 'unsupported_media_type');
  });

  it('that is too large is 413, also when it only becomes so', async () => {
    const { api } = await citizen();
    const large = JSON.stringify({ device_id: 'x', actions: [create('x'.repeat(4 * 1024 * 1024))] });
    expectProblem(await api.request('POST', 'sync/upload', { body: large }), 413, 'too_large');
    const bomb = { body: gzipSync(large), headers: { 'content-encoding': 'gzip' } };
    expectProblem(await api.request('POST', 'sync/upload', bomb), 413, 'too_large');
  });

  it('with a fault in the query is 422 with a pointer', async () => {
    const { api } = await citizen();
    const faults = async (path: string, pointer: string) =>
      expectProblem(await api.request('GET', path), 422, 'validation_failed', { errors: [expect.objectContaining({ pointer })] });
    await faults('sync/download', '/query/device_id');
    await faults('sync/download?device_id=x&limit=0', '/query/limit');
    await faults('sync/download?device_id=x&limit=1001', '/query/limit');
    await faults('sync/status', '/query/device_id');
    await faults('sync/conflicts?status=strange', '/query/status');
    await faults('sync/actions?device_id=x', '/query/client_ids');
    await faults(`sync/actions?device_id=x&client_ids=${Array.from({ length: 101 }, (_, i) => i).join(',')}`, '/query/client_ids');
  });

  it('is not echoed in a refusal', async () => {
    const { api } = await citizen();
    const secret = 'correct-horse-battery';
    const answer = await api.request('POST', 'sync/upload', { body: { device_id: `${secret} !`, actions: [] } });
    expectProblem(answer, 422, 'validation_failed');
    expect(JSON.stringify(answer.body)).not.toContain(secret);
  });

  it('has an id in every answer', async () => {
    const { api } = await citizen();
    const { headers } = await api.request('GET', 'sync/status?device_id=x');
    expect(headers.get('x-request-id') ?? headers.get('apigw-requestid')).toMatch(/.{8,}/);
  });

  it('may be gzipped', async () => {
    const { api } = await citizen();
    const body = gzipSync(JSON.stringify({ device_id: 'x', actions: [create('zipped')] }));
    const answer = await api.request('POST', 'sync/upload', { body, headers: { 'content-encoding': 'gzip', ...PATIENT } });
    expect(answer.body).toMatchObject({ results: [{ status: 'success' }] });
  });
});

describe('an answer', () => {
  /** Raw bytes: fetch would unzip them. */
  function raw(path: string, token: string, encoding: string): Promise<{ headers: NodeJS.Dict<string | string[]>; bytes: Buffer }> {
    const url = new URL(`/api/v1/${path}`, inject('stack').url);
    return new Promise((resolve, reject) => {
      const sent = request(url, { headers: { authorization: `Bearer ${token}`, 'accept-encoding': encoding } }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => resolve({ headers: answer.headers, bytes: Buffer.concat(chunks) }));
      });
      sent.on('error', reject).end();
    });
  }

  it('is compressed for who accepts it, and plain for others', async () => {
    const alice = await citizen();
    await alice.upload(Array.from({ length: 20 }, (_, i) => create(`Report ${i}`)));
    const token = await tokenFor({ sub: alice.sub, role: 'citizen' });
    const path = 'sync/download?device_id=zip';
    const plain = await raw(path, token, 'identity');
    const zipped = await raw(path, token, 'gzip');
    const brotli = await raw(path, token, 'br, gzip');
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(zipped.headers['content-encoding']).toBe('gzip');
    expect(brotli.headers['content-encoding']).toBe('br');
    const reports = (bytes: Buffer) => (JSON.parse(bytes.toString()) as { data: { reports: unknown[] } }).data.reports;
    expect(reports(gunzipSync(zipped.bytes))).toEqual(reports(plain.bytes));
    expect(zipped.bytes.length).toBeLessThan(plain.bytes.length / 3);
    expect(zipped.headers['vary']).toMatch(/accept-encoding/i);
  });
});

describe('a page of this machine', () => {
  it('may call the API: the preflight allows its origin, methods and headers', async () => {
    const origin = 'http://localhost:5173';
    const answer = await fetch(new URL('/api/v1/sync/upload', inject('stack').url), {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type,prefer' },
    });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
    expect(answer.headers.get('access-control-allow-methods')).toContain('POST');
    for (const name of ['authorization', 'content-type', 'prefer']) {
      expect(answer.headers.get('access-control-allow-headers')?.toLowerCase()).toContain(name);
    }
    const { api } = await citizen();
    const called = await api.request('GET', 'sync/status?device_id=x', { headers: { origin } });
    expect(called.headers.get('access-control-allow-origin')).toBe(origin);
  });

  it('but not a page from elsewhere', async () => {
    const answer = await fetch(new URL('/api/v1/sync/upload', inject('stack').url), {
      method: 'OPTIONS',
      headers: { origin: 'https://elsewhere.example', 'access-control-request-method': 'POST' },
    });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});

it('a device too many is refused wherever it comes first, and the others stay', async () => {
  const alice = await citizen();
  const download = (id: string) => alice.api.request('GET', `sync/download?device_id=${id}`);
  const answers = await Promise.all(Array.from({ length: LIMITS.devicesPerUser + 5 }, (_, i) => download(`d-${i}`)));
  const refused = answers.filter(({ status }) => status !== 200);
  expect(refused).toHaveLength(5);
  const upload = await alice.api.request('POST', 'sync/upload', { body: { device_id: 'new', actions: [create('Late')] } });
  for (const answer of [...refused, upload]) {
    expectProblem(answer, 429, 'too_many_devices', { retryable: false });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  }
  const known = answers.findIndex(({ status }) => status === 200);
  expect((await download(`d-${known}`)).status).toBe(200);
});
