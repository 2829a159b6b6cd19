import { BASE_PATH } from '../protocol/version.ts';

/** Every route of the HTTP API by the function that answers it; all else is `$default`'s. A test holds lib/ to it. */
export const ROUTES = {
  upload: [`POST ${BASE_PATH}/sync/upload`],
  download: [`GET ${BASE_PATH}/sync/download`],
  status: [`GET ${BASE_PATH}/sync/status`],
  records: [`GET ${BASE_PATH}/sync/actions`, `GET ${BASE_PATH}/sync/records/{entity_type}/{entity_id}`],
  conflicts: [`GET ${BASE_PATH}/sync/conflicts`],
  attachments: [`POST ${BASE_PATH}/sync/attachments`, `GET ${BASE_PATH}/sync/attachments/{attachment_id}`],
  'resolve-conflict': [`POST ${BASE_PATH}/sync/resolve-conflict`],
  'admin-query': [`POST ${BASE_PATH}/admin/query`, `POST ${BASE_PATH}/admin/redrive`],
  health: ['GET /healthz'],
  docs: ['GET /openapi.json', 'GET /docs', 'GET /docs/{file}'],
} as const satisfies Record<string, readonly string[]>;

export type RouteKey = (typeof ROUTES)[keyof typeof ROUTES][number];

/** Methods that a known route answers at this path; none when the path is unknown. */
export function methodsAt(path: string): string[] {
  const methods = Object.values(ROUTES).flat().flatMap((routeKey) => {
    const [method = '', pattern = ''] = routeKey.split(' ');
    return matches(pattern, path) ? [method] : [];
  });
  return [...new Set(methods)];
}

function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  const given = path.split('/');
  return wanted.length === given.length && wanted.every((segment, i) => (segment.startsWith('{') ? given[i] !== '' : segment === given[i]));
}
