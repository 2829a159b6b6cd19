import { describe, expect, it } from 'vitest';
import { gzipSync } from 'node:zlib';
import { earlierActions } from '../../../src/http/endpoints/actions.ts';
import { answerOps, queryAsAdmin, redriveAsAdmin } from '../../../src/http/endpoints/admin.ts';
import { ownConflicts } from '../../../src/http/endpoints/conflicts.ts';
import { downloadChanges } from '../../../src/http/endpoints/download.ts';
import { oneRecord } from '../../../src/http/endpoints/record.ts';
import { decideConflict } from '../../../src/http/endpoints/resolve-conflict.ts';
import { deviceStatus } from '../../../src/http/endpoints/status.ts';
import { uploadActions } from '../../../src/http/endpoints/upload.ts';
import type { HttpEvent } from '../../../src/http/event.ts';
import { httpHandler, type Endpoint } from '../../../src/http/handler.ts';
import { LIMITS } from '../../../src/protocol/limits.ts';
import { uploadResponse, type UploadResponse } from '../../../src/protocol/upload.ts';
import { bodyJson, httpEvent, INVOCATION, jsonEvent, testRuntime } from '../../support/http.ts';

const UPLOAD = 'POST /api/v1/sync/upload';

async function call(endpoint: Endpoint, event: HttpEvent) {
  const runtime = testRuntime();
  const result = await httpHandler(runtime, { [event.routeKey]: endpoint })(event, INVOCATION);
  return { status: result.statusCode, headers: result.headers ?? {}, body: bodyJson<Record<string, unknown> & UploadResponse>(result), runtime };
}

function report(client_id: string, more: Record<string, unknown> = {}) {
  return {
    client_id,
    action_type: 'create_report',
    entity_type: 'report',
    timestamp: '2025-10-19T10:00:00Z',
    data: { title: 'Pothole', category: 'roads' },
    ...more,
  };
}

async function upload(body: unknown, headers: Record<string, string> = {}) {
  return call(uploadActions, jsonEvent(UPLOAD, body, { prefer: 'respond-async', ...headers }));
}

function pointersOf(body: Record<string, unknown>): string[] {
  return (body['errors'] as { pointer: string }[]).map((fault) => fault.pointer);
}

describe('POST /sync/upload', () => {
  it('accepts actions and says how it followed the preference', async () => {
    const { status, headers, body, runtime } = await upload({ device_id: 'phone', actions: [report('a-1'), report('a-2')] });
    expect([status, headers['preference-applied']]).toEqual([202, 'respond-async']);
    expect(uploadResponse.safeParse(body).success).toBe(true);
    expect(body.results.map(({ client_id, status: word }) => [client_id, word])).toEqual([['a-1', 'queued'], ['a-2', 'queued']]);
    expect(await runtime.world.inbox.headers({ user: 'alice', device: 'phone' })).not.toEqual([]);
  });

  it('accepts a compressed body', async () => {
    const bytes = gzipSync(JSON.stringify({ device_id: 'phone', actions: [report('a-1')] }));
    const event = jsonEvent(UPLOAD, bytes.toString('base64'), { 'content-encoding': 'gzip', prefer: 'respond-async' });
    expect((await call(uploadActions, { ...event, isBase64Encoded: true })).status).toBe(202);
  });

  /** JSON text of a good upload with one action's `data` replaced. */
  const withData = (data: string) =>
    JSON.stringify({ device_id: 'phone', actions: [report('good'), report('bad', { data: 'HERE' })] }).replace('"HERE"', data);

  it.each([
    ['too deep', '['.repeat(20) + ']'.repeat(20)],
    ['a million levels deep', `{"title": ${'['.repeat(1e6)}${']'.repeat(1e6)}}`],
    ['with a number beyond any', '{"title": "x", "latitude": 1e400}'],
    ['with an integer that would change', '{"title": "x", "latitude": 9007199254740993}'],
    ['with a reserved key', '{"title": "x", "__proto__": {"category": "roads"}}'],
    ['with a key twice', '{"title": "x", "title": "y"}'],
    ['with half a character', '{"title": "\\ud800"}'],
    ['with too many keys', `{${Array.from({ length: 2001 }, (_, i) => `"k${i}": 1`).join(',')}}`],
    ['too large', `{"title": "${'x'.repeat(LIMITS.actionBytes)}"}`],
    ['no object', '"text"'],
  ])('stores the others when one action is %s', async (_, data) => {
    const { status, body, runtime } = await upload(withData(data));
    expect([status, body.results.map((result) => result.client_id)]).toEqual([202, ['good', 'bad']]);
    const headers = await runtime.world.inbox.headers({ user: 'alice', device: 'phone' });
    const payloads = await runtime.world.inbox.payloads(headers);
    const stored = [...payloads.values()].flat();
    expect(stored.find((action) => action.clientId === 'good')?.refusal).toBeUndefined();
    const code = data.length > LIMITS.actionBytes && data.length < 1e6 ? 'too_large' : 'validation_failed';
    expect(stored.find((action) => action.clientId === 'bad')?.refusal?.code).toBe(code);
  });

  it('says of an action what it lacks', async () => {
    const { runtime } = await upload({ device_id: 'phone', actions: [{ client_id: 'a', entity_type: 7 }] });
    const payloads = await runtime.world.inbox.payloads(await runtime.world.inbox.headers({ user: 'alice', device: 'phone' }));
    expect([...payloads.values()].flat()[0]?.refusal).toEqual({
      code: 'validation_failed',
      errors: [
        { pointer: '/action_type', code: 'required', message: 'This is required.' },
        { pointer: '/entity_type', code: 'invalid_type', message: 'Expected text.' },
      ],
    });
  });

  it('takes data and base together', async () => {
    const half = 'x'.repeat(LIMITS.actionBytes / 2);
    const { runtime } = await upload({ device_id: 'phone', actions: [report('a', { data: { title: half }, base: { title: half } })] });
    const payloads = await runtime.world.inbox.payloads(await runtime.world.inbox.headers({ user: 'alice', device: 'phone' }));
    expect([...payloads.values()].flat()[0]?.refusal?.code).toBe('too_large');
  });

  it.each([
    ['no device', { actions: [report('a')] }, ['/device_id']],
    ['no actions', { device_id: 'phone', actions: [] }, ['/actions']],
    ['501 actions', { device_id: 'phone', actions: Array.from({ length: 501 }, (_, i) => report(`a-${i}`)) }, ['/actions']],
    ['an action without client_id', { device_id: 'phone', actions: [report('a'), report('b', { client_id: undefined })] }, ['/actions/1/client_id']],
    ['a malformed client_id', { device_id: 'phone', actions: [report('a b')] }, ['/actions/0/client_id']],
    ['a repeated client_id', { device_id: 'phone', actions: [report('a'), report('a')] }, ['/actions/1/client_id']],
    ['a bad time of the last sync', { device_id: 'phone', last_sync_timestamp: 'yesterday', actions: [report('a')] }, ['/last_sync_timestamp']],
    ['an action that is none', { device_id: 'phone', actions: [report('a'), 7] }, ['/actions/1']],
    ['a client_id that stands twice in an action', '{"device_id": "phone", "actions": [{"client_id": "a", "client_id": "b"}]}', ['/actions/0/client_id']],
    ['a number beyond any outside the actions', '{"device_id": "phone", "x": 1e400, "actions": [{"client_id": "a"}]}', ['/x']],
  ])('refuses the whole upload for %s, with pointers and nothing stored', async (_, body, pointers) => {
    const { status, body: refusal, runtime } = await upload(body);
    expect([status, refusal['code'], pointersOf(refusal)]).toEqual([422, 'validation_failed', pointers]);
    expect(await runtime.world.inbox.headers({ user: 'alice', device: 'phone' })).toEqual([]);
  });

  it('refuses one action whose text has a length that is none, and stores the others', async () => {
    const odd = report('bad', { entity_type: { length: [{ toString: null }] } });
    const { status, runtime } = await upload({ device_id: 'phone', actions: [odd, report('good')] });
    const [header] = await runtime.world.inbox.headers({ user: 'alice', device: 'phone' });
    expect([status, header?.actions.map(({ clientId }) => clientId).toSorted()]).toEqual([202, ['bad', 'good']]);
  });

  it('tells the first hundred of many faults', async () => {
    const actions = Array.from({ length: 500 }, () => '{"client_id": 1, "client_id": 1}').join();
    const { status, body } = await upload(`{"device_id": "phone", "actions": [${actions}]}`);
    expect([status, pointersOf(body).length]).toEqual([422, 100]);
  });

  it.each([
    ['{"device_id": "phone", "actions": [', 400, 'malformed_json'],
    ['[]', 400, 'malformed_request'],
    ['', 400, 'malformed_request'],
  ])('refuses %j with %i %s', async (body, status, code) => {
    const result = await upload(body);
    expect([result.status, result.body['code']]).toEqual([status, code]);
  });
});

describe('routes with a query', () => {
  it.each([
    ['download', downloadChanges, {}, ['/query/device_id']],
    ['download', downloadChanges, { device_id: 'a,b' }, ['/query/device_id']],
    ['download', downloadChanges, { device_id: 'phone', limit: '0' }, ['/query/limit']],
    ['download', downloadChanges, { device_id: 'phone', limit: '1001' }, ['/query/limit']],
    ['download', downloadChanges, { device_id: 'phone', limit: '1.5' }, ['/query/limit']],
    ['download', downloadChanges, { device_id: 'phone', limit: 'many' }, ['/query/limit']],
    ['status', deviceStatus, {}, ['/query/device_id']],
    ['conflicts', ownConflicts, { status: 'lost', limit: '201' }, ['/query/status', '/query/limit']],
    ['actions', earlierActions, { device_id: 'phone' }, ['/query/client_ids']],
    ['actions', earlierActions, { device_id: 'phone', client_ids: 'a,,b' }, ['/query/client_ids']],
    ['actions', earlierActions, { device_id: 'phone', client_ids: Array.from({ length: 101 }, (_, i) => `a${i}`).join(',') }, ['/query/client_ids']],
  ])('refuse %s with pointers: %j', async (_, endpoint, queryStringParameters: Record<string, string>, pointers) => {
    const { status, body } = await call(endpoint, httpEvent('GET /x', { queryStringParameters }));
    expect([status, pointersOf(body)]).toEqual([422, pointers]);
  });

  it.each(['1e1', '+5', '5.0', ' 5', '0x10', '', '٥', '5,6'])('take %j for no limit: only plain decimal digits are one', async (limit) => {
    const answers = await Promise.all([downloadChanges, ownConflicts].map((endpoint) =>
      call(endpoint, httpEvent('GET /x', { queryStringParameters: { device_id: 'phone', limit } }))));
    expect(answers.map(({ status, body }) => [status, pointersOf(body)])).toEqual([[422, ['/query/limit']], [422, ['/query/limit']]]);
  });

  it.each(['1', '007', '200'])('take %j for a limit', async (limit) => {
    const answers = await Promise.all([downloadChanges, ownConflicts].map((endpoint) =>
      call(endpoint, httpEvent('GET /x', { queryStringParameters: { device_id: 'phone', limit } }))));
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  });

  it.each([
    ['download', downloadChanges, { data: { reports: [], tasks: [], profile: [] }, has_more: false }],
    ['status', deviceStatus, { device_id: 'phone', sync_health: 'good' }],
    ['conflicts', ownConflicts, { conflicts: [], next_cursor: null }],
    ['actions', earlierActions, { results: [{ client_id: 'a', status: 'unknown' }, { client_id: 'b', status: 'unknown' }] }],
  ])('answer %s, and ignore names that they do not know', async (_, endpoint, answer) => {
    const queryStringParameters = { device_id: 'phone', client_ids: 'a,b', unheard: 'of' };
    const { status, body } = await call(endpoint, httpEvent('GET /x', { queryStringParameters }));
    expect(status).toBe(200);
    expect(body).toMatchObject(answer);
  });
});

it('GET /sync/records gives 404 for what is not there', async () => {
  const event = httpEvent('GET /x', { pathParameters: { entity_type: 'report', entity_id: 'r-1' } });
  expect((await call(oneRecord, event)).status).toBe(404);
});

describe('POST /sync/resolve-conflict', () => {
  const resolve = (body: unknown) => call(decideConflict, jsonEvent('POST /x', body));

  it('refuses what is no decision, with pointers', async () => {
    const { status, body } = await resolve({ strategy: 'mine', server_version: -1 });
    expect([status, pointersOf(body)]).toEqual([422, ['/conflict_id', '/strategy', '/server_version']]);
  });

  it('refuses more data than an action may have, before a schema looks at them', async () => {
    const { status, body } = await resolve({ conflict_id: 'c', strategy: 'manual', resolved_data: { a: 'x'.repeat(LIMITS.actionBytes) } });
    expect([status, pointersOf(body)]).toEqual([422, ['/resolved_data']]);
    expect((await resolve({ conflict_id: 'c', more: 'x'.repeat(LIMITS.otherBodyBytes) })).status).toBe(413);
  });

  it('refuses data that could not be kept', async () => {
    const { status, body } = await resolve('{"conflict_id": "c", "resolved_data": {"a": 1e400}}');
    expect([status, pointersOf(body)[0]]).toEqual([422, '/resolved_data/a']);
  });

  it('does not know a conflict that is not the caller\'s', async () => {
    expect((await resolve({ conflict_id: 'c-1' })).status).toBe(404);
  });
});

describe('the admin routes', () => {
  const asAdmin = { authorization: 'Bearer admin' };

  it.each([['query', queryAsAdmin], ['redrive', redriveAsAdmin]])('refuse %s to others before they read the body', async (_, endpoint) => {
    expect((await call(endpoint, jsonEvent('POST /x', '{'))).status).toBe(403);
  });

  it('answer ops, who invoke directly, the same', async () => {
    const { status, body, runtime } = await call(queryAsAdmin, jsonEvent('POST /x', { query: 'overview' }, asAdmin));
    expect(status).toBe(200);
    expect(await answerOps(runtime.world, { query: 'overview' })).toEqual(body);
    const redriven = await call(redriveAsAdmin, jsonEvent('POST /x', { all: true }, asAdmin));
    expect(redriven.body).toEqual({ success: true, redriven: 0, discarded: 0 });
    expect(await answerOps(runtime.world, { redrive: { all: true } })).toEqual(redriven.body);
  });

  it('refuse a home that is no scope: an empty one is no key', async () => {
    const query = { query: 'record_history', params: { entity_type: 'report', entity_id: 'r-1', home: '' } };
    const { status, body } = await call(queryAsAdmin, jsonEvent('POST /x', query, asAdmin));
    expect([status, pointersOf(body)]).toEqual([422, ['/params/home']]);
  });

  it('refuse unknown queries, with pointers', async () => {
    const { status, body, runtime } = await call(queryAsAdmin, jsonEvent('POST /x', { query: 'everything' }, asAdmin));
    expect([status, pointersOf(body)]).toEqual([422, ['/query']]);
    await expect(answerOps(runtime.world, { redrive: { all: 'yes' } })).rejects.toMatchObject({ errors: [{ pointer: '/redrive/all' }] });
    await expect(answerOps(runtime.world, 'overview')).rejects.toMatchObject({ code: 'validation_failed' });
  });
});
