import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { ROUTES } from '../../src/http/routes.ts';
import { Api, type ApiRequest } from '../../local/demo/api.ts';
import { canaries, sightings } from '../support/canaries.ts';
import { PATIENT, tokenFor } from '../support/people.ts';

const { url, dataDir, port } = inject('stack');
const { mark, ...texts } = canaries();
/** What the functions wrote, warnings of their runtime too, with the function's name before each line. */
const log = () => readFileSync(join(dataDir, `functions-${port}.log`), 'utf8').split('\n');

/** Header values may hold no controls and no text beyond Latin-1: a client would refuse to send them. */
const headers = { 'x-request-id': texts.id, 'user-agent': texts.id, cookie: `session=${texts.id}`, 'x-forwarded-for': texts.id };

const record = (more: object) => ({ client_id: randomUUID(), action_type: 'create_report', entity_type: 'report', timestamp: new Date().toISOString(), ...more });
const data = { title: texts.title, description: texts.crlf + texts.ansi, category: mark };
const upload = {
  device_id: texts.id,
  device_info: { platform: texts.name, os_version: texts.ansi, model: texts.title, app_version: texts.name },
  actions: [
    record({ client_id: texts.id, data }),
    record({ data: { ...data, [texts.title]: texts.name } }),
    record({ data: { ...data, description: texts.large } }),
    record({ action_type: 'update_report', entity_id: texts.id, base_version: 0, data: { title: texts.name } }),
    record({ action_type: texts.title, entity_type: texts.crlf, entity_id: texts.ansi, data: { [texts.crlf]: texts.ansi } }),
    record({ action_type: 'update_profile', entity_type: 'profile', data: { name: texts.name, phone: mark } }),
  ],
};

const BODIES: Record<string, readonly unknown[]> = {
  '/api/v1/sync/upload': [upload, { ...upload, device_id: texts.title }, { [texts.title]: texts.large }, `{"${texts.title}": `],
  '/api/v1/sync/resolve-conflict': [{ conflict_id: texts.id, strategy: 'manual', resolved_data: data }, { conflict_id: texts.title }],
  '/api/v1/admin/query': [
    { query: 'user_actions', params: { user: texts.name } },
    { query: 'record_history', params: { user: texts.name, entity_type: texts.name, entity_id: texts.name } },
    { query: texts.title, cursor: texts.crlf },
  ],
  '/api/v1/admin/redrive': [{ batch_ids: [texts.id, Buffer.from(JSON.stringify([texts.name, texts.id, mark])).toString('base64url')] }],
};
const QUERIES = [
  { device_id: texts.id, client_ids: texts.id },
  { device_id: texts.title, cursor: texts.crlf, since: texts.ansi, types: texts.name, limit: texts.name, status: texts.title },
  { device_id: texts.id, cursor: texts.id, since: texts.id, types: texts.id },
];

/** Requests to a route that carry canaries wherever a request can. */
function requestsTo(method: string, path: string): { path: string; request: ApiRequest }[] {
  const hostile = path.replaceAll(/\{\w+\}/g, encodeURIComponent(texts.name));
  const known = path.replace('{entity_type}', 'report').replace('{entity_id}', texts.id).replace('{file}', mark);
  const sent = method === 'POST' ? (BODIES[path] ?? []).map((body) => ({ body })) : QUERIES.map((query) => ({ query }));
  return [...new Set([known, hostile])].flatMap((at) => sent.map((request) => ({ path: at, request: { ...request, headers: { ...headers, ...PATIENT } } })));
}

async function callers(): Promise<Api[]> {
  const valid = ['citizen', 'admin', mark].map((role) => tokenFor({ sub: texts.name, role, departments: [mark] }));
  const expired = tokenFor({ sub: texts.name, role: 'citizen', expiresInSeconds: -3600 });
  const tokens = [...(await Promise.all([...valid, expired])), texts.token, mark];
  return tokens.map((token) => new Api(url, token));
}

describe('through every route and the worker (P10)', () => {
  it('no token, name, title, control character or long text gets into a log', async () => {
    const requestIds: string[] = [];
    const statuses = new Set<number>();
    for (const api of await callers()) {
      for (const [method = '', path = ''] of [...Object.values(ROUTES).flat().map((route) => route.split(' ')), ['PUT', `/nowhere/${mark}`]]) {
        if (path === '/docs' || path === '/openapi.json') continue; // take nothing from a request
        for (const { path: at, request } of requestsTo(method, path)) {
          const answer = await api.request(method, at, request);
          statuses.add(answer.status);
          requestIds.push(answer.headers.get('x-request-id') ?? '');
        }
      }
    }
    expect([...statuses]).toEqual(expect.arrayContaining([200, 400, 401, 403, 404, 422]));
    // The lines of a thread arrive a moment after its answer.
    await expect.poll(() => requestIds.filter((id) => !log().some((line) => line.includes(`"request_id":"${id}"`))), { timeout: 20_000 }).toEqual([]);
    expect(sightings(mark, log())).toEqual([]);
    const tokens = log().filter((line) => /eyJ[\w-]{10,}/.test(line));
    expect(tokens).toEqual([]);
  });

  it('every line is one JSON object of known keys, without controls', () => {
    const lines = log().filter((line) => line !== '').map((line) => line.slice(line.indexOf(' ') + 1));
    expect(lines.length).toBeGreaterThan(100);
    expect(lines.filter((line) => /\p{Cc}/u.test(line))).toEqual([]);
    const parsed = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(parsed.filter(({ message, _aws: metrics }) => metrics === undefined && !/^[a-z_]+$/.test(String(message)))).toEqual([]);
  });
});
