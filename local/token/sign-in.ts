import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isLoopback } from '../gateway/cors.ts';
import { readBody } from '../gateway/request-body.ts';
import { ownAnswer, type GatewayResponse } from '../gateway/response.ts';
import type { Answerer } from '../gateway/server.ts';
import type { LocalIssuer } from './local-issuer.ts';

export const AUTHORIZE_PATH = '/.local/authorize';
export const TOKEN_PATH = '/.local/token';
/** The console, as the issuer knows it. */
export const CONSOLE_CLIENT = 'fieldsync-console';

/** Whom the one click signs in. */
const ADMIN = { sub: 'local-admin', role: 'admin' };
const CODE_LIFE_MS = 60_000;
const TOKEN_LIFE_SECONDS = 8 * 3600;

type Grant = { redirectUri: string; challenge: string; untilMs: number };

/**
 * The local issuer's part of an authorization code flow with PKCE, for the console: the same that a real issuer does, but
 * for asking who one is. Whoever sits at this machine becomes an admin of the local stack; nobody else, also when HOST
 * lets others in, and no page but the console of this very server gets the code.
 */
export function signInRoutes(issuer: LocalIssuer, now: () => number = Date.now): Answerer {
  const grants = new Map<string, Grant>();

  const authorize = (request: IncomingMessage, asked: URLSearchParams): GatewayResponse => {
    const redirectUri = asked.get('redirect_uri') ?? '';
    if (asked.get('client_id') !== CONSOLE_CLIENT || !isConsole(request, redirectUri)) return ownAnswer(400, 'Not the console of this server');
    const challenge = asked.get('code_challenge') ?? '';
    if (asked.get('response_type') !== 'code' || asked.get('code_challenge_method') !== 'S256' || challenge === '') {
      return redirect(redirectUri, { error: 'invalid_request', state: asked.get('state') });
    }
    for (const [code, grant] of grants) if (grant.untilMs < now()) grants.delete(code);
    const code = randomBytes(24).toString('base64url');
    grants.set(code, { redirectUri, challenge, untilMs: now() + CODE_LIFE_MS });
    return redirect(redirectUri, { code, state: asked.get('state') });
  };

  const exchange = async (asked: URLSearchParams): Promise<GatewayResponse> => {
    const code = asked.get('code') ?? '';
    const grant = grants.get(code);
    grants.delete(code);
    const proven = createHash('sha256').update(asked.get('code_verifier') ?? '').digest('base64url');
    const fits = grant !== undefined && grant.untilMs >= now() && grant.redirectUri === asked.get('redirect_uri') && grant.challenge === proven
      && asked.get('grant_type') === 'authorization_code' && asked.get('client_id') === CONSOLE_CLIENT;
    if (!fits) return json(400, { error: 'invalid_grant' });
    const token = await issuer.sign({ ...ADMIN, expiresInSeconds: TOKEN_LIFE_SECONDS });
    return json(200, { access_token: token, token_type: 'Bearer', expires_in: TOKEN_LIFE_SECONDS });
  };

  return async (request) => {
    const [path, query] = (request.url ?? '').split('?');
    if (path === AUTHORIZE_PATH && request.method === 'GET') {
      return isHere(request) ? authorize(request, new URLSearchParams(query)) : ownAnswer(403, 'Only on the machine itself: use a token');
    }
    if (path === TOKEN_PATH && request.method === 'POST') {
      if (!isHere(request)) return ownAnswer(403, 'Forbidden');
      const body = await readBody(request);
      return body === undefined ? ownAnswer(413, 'Request Entity Too Large') : exchange(new URLSearchParams(body.toString()));
    }
    return undefined;
  };
}

/** From this machine, under a name of this machine, and not sent by another page. */
function isHere(request: IncomingMessage): boolean {
  const address = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  const { host = '', origin } = request.headers;
  return (address === '::1' || address.startsWith('127.')) && isLoopback(`http://${host}`) && (origin === undefined || origin === `http://${host}`);
}

function isConsole(request: IncomingMessage, redirectUri: string): boolean {
  return redirectUri === `http://${request.headers.host ?? ''}/console/`;
}

function redirect(to: string, params: Readonly<Record<string, string | null>>): GatewayResponse {
  const target = new URL(to);
  for (const [name, value] of Object.entries(params)) if (value !== null) target.searchParams.set(name, value);
  return { status: 302, headers: { location: target.href, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' }, body: Buffer.alloc(0) };
}

function json(status: number, body: object): GatewayResponse {
  return { status, headers: { 'content-type': 'application/json', 'cache-control': 'no-store' }, body: Buffer.from(JSON.stringify(body)) };
}
