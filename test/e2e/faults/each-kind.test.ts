import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startBrokenStack, type BrokenStack } from '../../../local/chaos/broken-stack.ts';
import type { CallFilter, FaultKind } from '../../../local/chaos/fault-plan.ts';
import type { UploadResponse } from '../../../src/protocol/upload.ts';
import { verifyScope } from '../../../src/service/verify.ts';
import { canaries, sightings } from '../../support/canaries.ts';

// Each kind of fault, on every call of its kind: what the caller is told is 503 or the truth (P12). Every case has a
// citizen of its own, and its faults are for that citizen's calls alone.

let broken: BrokenStack;
let user = 0;
beforeAll(async () => { broken = await startBrokenStack({ checkAccess: true }); });
afterAll(async () => {
  await broken?.stop();
  // What lib/ forgot to grant would fail only when deployed: trouble takes ways that nothing else takes.
  if (broken?.stack.refusals.length > 0) throw new Error(`refused by lib/access.ts: ${[...new Set(broken.stack.refusals)].join('; ')}`);
});
const ALWAYS = 1_000_000;
const { mark } = canaries();

/** From now on every such call for someone, or the first so many, meets this fate. */
function plan({ lane }: Citizen, kind: FaultKind, of: CallFilter, calls = ALWAYS): void {
  broken.chaos.faults.plan({ seed: 1, rates: {}, bursts: [{ kind, of, from: 0, calls }], deliveries: {} }, lane);
}

async function citizen() {
  const { stack } = broken;
  const lane = `s${++user}`;
  const sub = `${mark}-${lane}`;
  const token = await stack.token({ sub, role: 'citizen' });
  const ask = async (path: string, body?: unknown, wait = 1) => {
    const response = await fetch(`${stack.url}/api/v1${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', prefer: `wait=${wait}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, retryAfter: response.headers.get('retry-after'), body: JSON.parse(text) as Record<string, unknown> };
  };
  const report = {
    device_id: 'phone',
    actions: [{ client_id: 'a1', action_type: 'create_report', entity_type: 'report', data: { title: `Hole ${mark}`, category: 'roads' } }],
  };
  return { lane, sub, ask, report };
}

type Citizen = Awaited<ReturnType<typeof citizen>>;

const statusOf = ({ body }: { body: Record<string, unknown> }) => (body as Partial<UploadResponse>).results?.[0]?.status;

/** After the fault: sent again until it has its final word, once, and the log is whole. */
async function expectOnce({ lane, sub, ask, report }: Citizen): Promise<void> {
  await broken.chaos.faults.heal(lane);
  // As often as it takes: the test's own limit ends it.
  while (statusOf(await ask('/sync/upload', report, 2)) !== 'success');
  const commits = await broken.inside.commits(`user:${sub}`);
  expect(commits.flatMap(({ outcomes }) => outcomes.map(({ clientId }) => clientId))).toEqual(['a1']);
  expect((await verifyScope(broken.inside.ports, `user:${sub}`)).findings.filter(({ weight }) => weight === 'damage')).toEqual([]);
}

const REFUSING: FaultKind[] = ['throttle', 'error-before', 'error-after', 'drop-before', 'drop-after', 'cut'];

describe.concurrent('an upload while every call', { timeout: 120_000 }, () => {
  const places: [string, CallFilter][] = [
    ['of it to DynamoDB', { caller: 'upload', service: 'dynamodb' }],
    ['of it that writes to the inbox', { caller: 'upload', table: 'upload_inbox', writes: true }],
    ['of it to SQS', { caller: 'upload', service: 'sqs' }],
  ];
  const cases = REFUSING.flatMap((kind) => places.map(([place, of]) => [place, kind, of] as const));

  it.each(cases)('%s meets "%s" is told 503, and is applied once in the end', async (_, kind, of) => {
    const someone = await citizen();
    plan(someone, kind, of);
    const answer = await someone.ask('/sync/upload', someone.report);
    expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable', retryable: true } });
    expect(Number(answer.retryAfter)).toBeGreaterThan(0);
    await expectOnce(someone);
  });

  const worker: [string, CallFilter][] = [
    ['of the worker to DynamoDB', { caller: 'worker', service: 'dynamodb' }],
    ['of the worker that puts a commit', { caller: 'worker', table: 'scope_log', operation: 'PutItem' }],
    ['of the worker that moves the head', { caller: 'worker', table: 'scope_log', operation: 'UpdateItem' }],
    ['of the worker that writes an outcome', { caller: 'worker', table: 'offline_actions_log', writes: true }],
  ];
  const behind = REFUSING.flatMap((kind) => worker.map(([place, of]) => [place, kind, of] as const));

  it.each(behind)('%s meets "%s" is told that it waits, or the truth, and is applied once in the end', async (_, kind, of) => {
    const someone = await citizen();
    plan(someone, kind, of);
    const answer = await someone.ask('/sync/upload', someone.report);
    if (answer.status === 200) {
      // Only the worker does not know that its last step took effect.
      expect([of.operation, kind.endsWith('before'), kind]).toEqual(['UpdateItem', false, expect.not.stringMatching('throttle')]);
      expect((await broken.inside.ports.log.head(`user:${someone.sub}`)).applied).toBe(1);
    } else expect([answer.status, statusOf(answer)]).toEqual([202, 'queued']);
    await expectOnce(someone);
  });
});

describe('an upload while one call', { timeout: 120_000 }, () => {
  it.concurrent.each<[FaultKind, CallFilter]>([
    ['late', { caller: 'upload', operation: 'PutItem' }],
    ['late', { caller: 'worker', table: 'scope_log', operation: 'PutItem' }],
    ['late', { caller: 'worker', table: 'upload_inbox', operation: 'DeleteItem' }],
    ['stall', { caller: 'worker', table: 'scope_log', operation: 'PutItem' }],
    ['freeze', { caller: 'worker', table: 'scope_log', operation: 'PutItem' }],
    ['freeze', { caller: 'upload', table: 'upload_inbox', operation: 'PutItem' }],
    ['crash-before', { caller: 'worker', table: 'scope_log', operation: 'PutItem' }],
    ['crash-after', { caller: 'worker', table: 'scope_log', operation: 'PutItem' }],
    ['crash-after', { caller: 'worker', table: 'entities', operation: 'PutItem' }],
    ['crash-after', { caller: 'worker', table: 'offline_actions_log', operation: 'PutItem' }],
    ['crash-before', { caller: 'upload', table: 'upload_inbox', operation: 'PutItem' }],
    ['crash-after', { caller: 'upload', service: 'sqs' }],
  ])('meets "%s" (%o) is told the truth or 5xx, and is applied once in the end', async (kind, of) => {
    const someone = await citizen();
    plan(someone, kind, of, 1);
    const answer = await someone.ask('/sync/upload', someone.report, 5);
    expect([200, 202, 500, 503]).toContain(answer.status);
    if (answer.status === 200) expect((await broken.inside.commits(`user:${someone.sub}`)).length).toBe(1);
    // A crash hits neighbours too, who are then answered before their own fault was met.
    await vi.waitFor(() => expect(broken.chaos.faults.counts.get(kind)).toBeGreaterThan(0), { timeout: 30_000, interval: 50 });
    await expectOnce(someone);
  });
});

describe.concurrent('while DynamoDB answers nobody', { timeout: 60_000 }, () => {
  it.each<[string, string, unknown?]>([
    ['a download', '/sync/download?device_id=phone'],
    ['a status', '/sync/status?device_id=phone'],
    ['a list of conflicts', '/sync/conflicts'],
    ['a record', '/sync/records/report/a1'],
    ['results of earlier actions', '/sync/actions?device_id=phone&client_ids=a1'],
    ['a decision', '/sync/resolve-conflict', { conflict_id: 'c1', strategy: 'server_wins' }],
  ])('%s is refused with 503 and never with 4xx', async (_, path, body) => {
    const someone = await citizen();
    for (const kind of ['throttle', 'error-before', 'drop-before'] as const) {
      plan(someone, kind, { service: 'dynamodb' });
      expect(await someone.ask(path, body)).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    }
  });
});

describe('what the functions logged meanwhile', () => {
  it('tells of the trouble, and of nobody and nothing that it befell (P10)', () => {
    const written = readFileSync(broken.stack.logFile, 'utf8').split('\n');
    expect(written.filter((line) => line.includes('"trouble"')).length).toBeGreaterThan(10);
    expect([...sightings(mark, written), ...written.filter((line) => /eyJ[\w-]{10}/.test(line))]).toEqual([]);
  });
});
