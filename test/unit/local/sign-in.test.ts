import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import { decodeJwt, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import type { GatewayResponse } from '../../../local/gateway/response.ts';
import type { LocalIssuer } from '../../../local/token/local-issuer.ts';
import { signInRoutes } from '../../../local/token/sign-in.ts';

const issuer = {
  sign: ({ sub, role }: { sub: string; role: string }) => new SignJWT({ role }).setSubject(sub).setProtectedHeader({ alg: 'HS256' }).sign(new Uint8Array(32)),
} as unknown as LocalIssuer;

const HERE = 'localhost:3000';
const VERIFIER = 'v'.repeat(43);
const ASKED = {
  response_type: 'code', client_id: 'fieldsync-console', redirect_uri: `http://${HERE}/console/`, state: 's',
  code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'), code_challenge_method: 'S256',
};

type Request = { method?: string; url: string; host?: string; from?: string; origin?: string; body?: Record<string, string> };

function asked({ method = 'GET', url, host = HERE, from = '127.0.0.1', origin, body }: Request): IncomingMessage {
  const stream = Readable.from(body ? [Buffer.from(new URLSearchParams(body).toString())] : []);
  return Object.assign(stream, { method, url, headers: { host, ...(origin ? { origin } : {}) }, socket: { remoteAddress: from } }) as unknown as IncomingMessage;
}

function issuing() {
  let now = 0;
  const routes = signInRoutes(issuer, () => now);
  const authorize = (changed: Record<string, string> = {}, request: Partial<Request> = {}) =>
    routes(asked({ url: `/.local/authorize?${new URLSearchParams({ ...ASKED, ...changed }).toString()}`, ...request })) as Promise<GatewayResponse>;
  const codeOf = (answer: GatewayResponse) => new URL(String(answer.headers['location'])).searchParams.get('code') ?? '';
  const exchange = (code: string, changed: Record<string, string> = {}, request: Partial<Request> = {}) => {
    const body = { grant_type: 'authorization_code', client_id: 'fieldsync-console', redirect_uri: ASKED.redirect_uri, code, code_verifier: VERIFIER, ...changed };
    return routes(asked({ method: 'POST', url: '/.local/token', body, ...request })) as Promise<GatewayResponse>;
  };
  return { authorize, exchange, codeOf, routes, wait: (ms: number) => { now += ms; } };
}

describe('the local issuer’s sign-in', () => {
  it('gives a code to the console of this server, and for it a token of an admin', async () => {
    const { authorize, exchange, codeOf } = issuing();
    const answer = await authorize();
    expect(answer.status).toBe(302);
    expect(String(answer.headers['location'])).toMatch(/^http:\/\/localhost:3000\/console\/\?code=[\w-]{32}&state=s$/);
    const { body } = await exchange(codeOf(answer));
    expect(decodeJwt((JSON.parse(body.toString()) as { access_token: string }).access_token)).toMatchObject({ role: 'admin' });
  });

  it.each([
    ['another page', { redirect_uri: 'http://evil.example.org/console/' }, {}],
    ['another page of this machine', { redirect_uri: 'http://localhost:8080/console/' }, {}],
    ['another client', { client_id: 'other' }, {}],
    ['another machine', {}, { from: '192.168.1.7' }],
    ['another name of this machine', {}, { host: 'evil.example.org' }],
  ])('gives no code to %s', async (_, changed, request) => {
    const answer = await issuing().authorize(changed, request);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.headers['location']).toBeUndefined();
  });

  it('insists on a challenge', async () => {
    const { authorize, codeOf } = issuing();
    for (const changed of [{ code_challenge: '' }, { code_challenge_method: 'plain' }, { response_type: 'token' }]) {
      const answer = await authorize(changed);
      expect(codeOf(answer)).toBe('');
      expect(String(answer.headers['location'])).toContain('error=invalid_request');
    }
  });

  it('takes a code once, in time, from who asked for it', async () => {
    const { authorize, exchange, codeOf, wait } = issuing();
    const code = async () => codeOf(await authorize());
    expect((await exchange(await code(), { code_verifier: 'w'.repeat(43) })).status).toBe(400);
    expect((await exchange(await code(), { redirect_uri: 'http://localhost:3000/' })).status).toBe(400);
    expect((await exchange(await code(), {}, { origin: 'http://evil.example.org' })).status).toBe(403);
    const once = await code();
    expect((await exchange(once)).status).toBe(200);
    expect((await exchange(once)).status).toBe(400);
    const late = await code();
    wait(61_000);
    expect((await exchange(late)).status).toBe(400);
  });

  it('leaves all other requests to others', async () => {
    expect(await issuing().routes(asked({ url: '/api/v1/sync/status' }))).toBeUndefined();
  });
});
