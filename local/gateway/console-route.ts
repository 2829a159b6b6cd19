import { extname } from 'node:path';
import { consolePolicy, FRESH_CACHE, KEPT_CACHE, KEPT_FOLDER, PERMISSIONS_POLICY, REFERRER_POLICY } from '../../lib/console-headers.ts';
import type { ConsoleFile } from '../../tools/build-console.ts';
import { AUTHORIZE_PATH, CONSOLE_CLIENT, TOKEN_PATH } from '../token/sign-in.ts';
import { ownAnswer } from './response.ts';
import type { Answerer } from './server.ts';

const FOLDER = '/console/';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
};

/** The console below /console/, as CloudFront serves it: the same files, the same headers, a `config.json` of this stack. */
export function consoleRoute(files: readonly ConsoleFile[], issuer: string): Answerer {
  const config = {
    stage: 'local',
    api: '',
    live: '/live',
    sign_in: {
      issuer,
      authorization_endpoint: AUTHORIZE_PATH,
      token_endpoint: TOKEN_PATH,
      client_id: CONSOLE_CLIENT,
      scope: 'admin',
      label: 'Sign in as the local admin',
    },
  };
  const found = new Map<string, Uint8Array>(files.map(({ path, contents }) => [path, contents]));
  found.set('config.json', Buffer.from(JSON.stringify(config)));
  return async (request) => {
    const [path = ''] = (request.url ?? '').split('?');
    if (path !== '/console' && !path.startsWith(FOLDER)) return undefined;
    if (request.method !== 'GET' && request.method !== 'HEAD') return ownAnswer(405, 'Method Not Allowed');
    if (path === '/console') return { status: 301, headers: { location: FOLDER }, body: Buffer.alloc(0) };
    const name = path.slice(FOLDER.length) || 'index.html';
    const contents = found.get(name);
    if (contents === undefined) return ownAnswer(404, 'Not Found');
    const headers = {
      'content-type': TYPES[extname(name)] ?? 'application/octet-stream',
      'cache-control': name.startsWith(KEPT_FOLDER) ? KEPT_CACHE : FRESH_CACHE,
      'content-security-policy': consolePolicy([]),
      'referrer-policy': REFERRER_POLICY,
      'permissions-policy': PERMISSIONS_POLICY,
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    };
    return { status: 200, headers, body: Buffer.from(contents) };
  };
}
