import { describe, expect, it } from 'vitest';
import { writeBody } from '../../../src/adapters/sqs/message-body.ts';
import { createMemoryPorts, type MemoryPorts } from '../../../src/adapters/memory/ports.ts';
import { TestClock } from '../../../src/adapters/memory/test-clock.ts';
import { compareLines } from '../../../src/adapters/diff3/compare-lines.ts';
import { civic } from '../../../src/domain/civic.ts';
import { earlierActions } from '../../../src/http/endpoints/actions.ts';
import { queryAsAdmin, redriveAsAdmin } from '../../../src/http/endpoints/admin.ts';
import { ownConflicts } from '../../../src/http/endpoints/conflicts.ts';
import { downloadChanges } from '../../../src/http/endpoints/download.ts';
import { oneRecord } from '../../../src/http/endpoints/record.ts';
import { decideConflict } from '../../../src/http/endpoints/resolve-conflict.ts';
import { deviceStatus } from '../../../src/http/endpoints/status.ts';
import { uploadActions } from '../../../src/http/endpoints/upload.ts';
import type { HttpEvent } from '../../../src/http/event.ts';
import { httpHandler, type Endpoint } from '../../../src/http/handler.ts';
import { queueHandler } from '../../../src/runtime/queue-handler.ts';
import { createReport } from '../../../src/runtime/report.ts';
import { scheduleHandler } from '../../../src/runtime/schedule-handler.ts';
import { bury } from '../../../src/service/dead-letter.ts';
import type { Deps } from '../../../src/service/deps.ts';
import { Trouble } from '../../../src/service/errors.ts';
import { requeue } from '../../../src/service/requeue.ts';
import { sweep } from '../../../src/service/sweeper.ts';
import { work } from '../../../src/service/worker.ts';
import { canaries, sightings } from '../../support/canaries.ts';
import { claims } from '../../support/builders.ts';
import { httpEvent, INVOCATION, jsonEvent } from '../../support/http.ts';
import { takeOutput } from '../../support/output.ts';

const { mark, ...texts } = canaries();
const PORTS = ['log', 'entities', 'actions', 'conflicts', 'inbox', 'devices', 'queue'] as const;

/** Errors as libraries and bugs throw them, with what they were about in every place that an error has. */
const FAILURES: Record<string, () => unknown> = {
  'a plain error': () => new Error(texts.crlf),
  'a type error': () => new TypeError(`Cannot read properties of undefined (reading '${texts.name}')`),
  'a range error': () => new RangeError(texts.title),
  'a parse error': () => new SyntaxError(`Unexpected token in JSON: ${texts.large}`),
  'an error of a named class': () => Object.assign(new Error(texts.ansi), { name: texts.crlf, code: texts.id }),
  'an error that was changed': () => Object.assign(new Error(texts.crlf), { message: 'other' }),
  'trouble with a cause': () => new Trouble('DynamoDB GetItem: ThrottlingException', Object.assign(new Error(texts.name), { name: texts.ansi })),
  'a text': () => texts.title,
  nothing: () => undefined,
};

const { written, lines } = takeOutput();

function broken<Port extends object>(port: Port, failure: () => unknown): Port {
  return new Proxy(port, {
    get: (target, key) => (typeof Reflect.get(target, key) === 'function' ? () => { throw failure(); } : Reflect.get(target, key)),
  });
}

type Stage = { ports: MemoryPorts; report: ReturnType<typeof createReport> };

function stage(): Stage {
  const report = createReport();
  return { report, ports: createMemoryPorts({ clock: new TestClock({ auto: true }), report }) };
}

/** The world with some of its ports broken. */
function depsOf({ ports, report }: Stage, faults: Partial<Record<(typeof PORTS)[number], () => unknown>> = {}): Deps {
  const replaced = Object.entries(faults).map(([name, failure]) => [name, broken(ports[name as (typeof PORTS)[number]], failure)]);
  return {
    ...ports,
    ...Object.fromEntries(replaced),
    report,
    engine: { domain: civic, compareLines, conflictIdOf: (user, clientId) => ports.ids.hash(`${user}\n${clientId}`) },
    epoch: 0,
  };
}

const data = { title: texts.title, description: texts.crlf, category: 'roads', tags: [texts.name.slice(0, 40)], [texts.id]: texts.ansi };
const UPLOAD = {
  device_id: texts.id,
  device_info: { platform: texts.name, os_version: texts.ansi, model: texts.title, app_version: texts.crlf.slice(0, 90) },
  actions: [
    { client_id: texts.id, action_type: 'create_report', entity_type: 'report', data: { title: mark, category: mark } },
    { client_id: `${texts.id}-2`, action_type: 'create_report', entity_type: texts.name, data },
    { client_id: `${texts.id}-3`, action_type: texts.title, entity_type: 'report', data, base: { title: texts.large } },
    { client_id: `${texts.id}-4`, action_type: 'update_report', entity_type: 'report', entity_id: texts.id, home: texts.name, data },
  ],
};
const query = (more: Record<string, string>) => ({ queryStringParameters: { device_id: texts.id, ...more } });
const headers = { authorization: `Bearer ${texts.token}`, 'x-request-id': texts.id, 'user-agent': texts.name, cookie: texts.title, prefer: 'respond-async' };

const EVENTS: [Endpoint, HttpEvent][] = [
  [uploadActions, jsonEvent('POST /api/v1/sync/upload', UPLOAD, headers)],
  [uploadActions, jsonEvent('POST /api/v1/sync/upload', { ...UPLOAD, device_id: texts.title }, headers)],
  [uploadActions, jsonEvent('POST /api/v1/sync/upload', `{"${texts.title}`, headers)],
  [uploadActions, jsonEvent('POST /api/v1/sync/upload', texts.large, { ...headers, 'content-type': texts.name })],
  [downloadChanges, httpEvent('GET /api/v1/sync/download', { headers, ...query({}) })],
  [downloadChanges, httpEvent('GET /api/v1/sync/download', { headers, ...query({ cursor: texts.title, since: texts.id, types: texts.id }) })],
  [deviceStatus, httpEvent('GET /api/v1/sync/status', { headers, ...query({}) })],
  [ownConflicts, httpEvent('GET /api/v1/sync/conflicts', { headers, ...query({ cursor: texts.crlf }) })],
  [ownConflicts, httpEvent('GET /api/v1/sync/conflicts', { headers, ...query({ status: 'all' }) })],
  [earlierActions, httpEvent('GET /api/v1/sync/actions', { headers, ...query({ client_ids: texts.id }) })],
  [oneRecord, httpEvent('GET /api/v1/sync/records/{entity_type}/{entity_id}', { headers, pathParameters: { entity_type: 'report', entity_id: texts.id } })],
  [decideConflict, jsonEvent('POST /api/v1/sync/resolve-conflict', { conflict_id: texts.id, strategy: 'manual', resolved_data: data }, headers)],
  [queryAsAdmin, jsonEvent('POST /api/v1/admin/query', { query: 'record_history', params: { user: texts.name, entity_type: 'report', entity_id: texts.id } }, headers)],
  [queryAsAdmin, jsonEvent('POST /api/v1/admin/query', { query: 'user_actions', params: { user: texts.name }, cursor: texts.id }, headers)],
  [redriveAsAdmin, jsonEvent('POST /api/v1/admin/redrive', { batch_ids: [texts.id, Buffer.from(JSON.stringify([texts.name, texts.id, mark])).toString('base64url')] }, headers)],
];

/** Every route, then everything behind it, for a user whose very name is a canary. */
async function everything(own: Stage, deps: Deps): Promise<void> {
  for (const role of ['citizen', 'admin'] as const) {
    const verifier = () => ({ verify: async () => claims({ sub: texts.name, role }) });
    for (const [endpoint, event] of EVENTS) {
      await httpHandler({ report: own.report, deps: () => deps, verifier }, { [event.routeKey]: endpoint })(event, INVOCATION);
    }
  }
  const runtime = { report: own.report, deps: () => deps };
  const bodies = [
    writeBody({ kind: 'batches', scope: `user:${texts.name}`, owner: { user: texts.name, device: texts.id } }),
    writeBody({ kind: 'note', note: { scope: `department:${mark}`, home: `user:${texts.name}`, n: 1, records: [{ type: 'report', entityId: texts.id }] } }),
    `{"kind":"${texts.title}`,
  ];
  const Records = bodies.map((body, i) => ({ messageId: `m-${i}`, receiptHandle: 'r', body, attributes: { ApproximateReceiveCount: '3' } }) as never);
  await queueHandler(runtime, work)({ Records }, INVOCATION);
  await queueHandler(runtime, bury)({ Records }, INVOCATION);
  for (const run of [sweep, requeue]) await scheduleHandler(runtime, run as (deps: Deps) => Promise<unknown>)({ name: texts.name }, INVOCATION).catch(() => {});
}

/** Keys that powertools and the embedded metric format add, and those of the list. */
const KEYS = /^(level|message|timestamp|service|sampling_rate|xray_trace_id|request_id|user|at|attempts|batch|cause|characters|code|error|failed|faults|messages|ms|n|reason|role|route|scope|status)$/;

function expectCleanLog(): void {
  expect(sightings(mark, written)).toEqual([]);
  const [metrics, log] = [lines().filter((line) => '_aws' in line), lines().filter((line) => !('_aws' in line))];
  expect(log.length).toBeGreaterThan(EVENTS.length);
  expect(log.flatMap((line) => Object.keys(line)).filter((key) => !KEYS.test(key))).toEqual([]);
  expect(log.filter((line) => line['request_id'] === undefined)).toEqual([]);
  for (const line of metrics) expect(Object.values(line).every((value) => typeof value === 'number' || typeof value === 'object' || value === line['service'] || value === line['stage'])).toBe(true);
}

describe('nothing that users send or are is in a log line or a metric (P10)', () => {
  it('when all goes well', async () => {
    const own = stage();
    await everything(own, depsOf(own));
    expectCleanLog();
    expect(lines().map(({ message }) => message)).toEqual(expect.arrayContaining(['request', 'refused', 'messages', 'message_unreadable']));
  });

  it.each(PORTS.flatMap((port) => Object.keys(FAILURES).map((failure) => [port, failure] as const)))('when %s throws %s', async (port, failure) => {
    const own = stage();
    await everything(own, depsOf(own));
    written.length = 0;
    await everything(own, depsOf(own, { [port]: FAILURES[failure] ?? (() => undefined) }));
    expectCleanLog();
    expect(lines().filter(({ level }) => level === 'ERROR' || level === 'WARN')).not.toEqual([]);
  });

  it('when the verifier of tokens throws what it was given', async () => {
    for (const failure of Object.values(FAILURES)) {
      const own = stage();
      const verifier = () => ({ verify: async () => { throw failure(); } });
      for (const [endpoint, event] of EVENTS) await httpHandler({ report: own.report, deps: () => depsOf(own), verifier }, { [event.routeKey]: endpoint })(event, INVOCATION);
    }
    expectCleanLog();
  });
});

it('a line names its user by a hash that is the same for all of the user’s requests', async () => {
  const own = stage();
  await everything(own, depsOf(own));
  const users = new Set(lines().filter(({ message }) => message === 'request').map(({ user }) => user));
  expect([...users]).toEqual([own.ports.ids.hash(texts.name)]);
});
