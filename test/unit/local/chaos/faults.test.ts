import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Fate, type FaultKind, type FaultPlan } from '../../../../local/chaos/fault-plan.ts';
import { startFaultProxy } from '../../../../local/chaos/fault-proxy.ts';
import type { ServiceCall } from '../../../../local/chaos/service-call.ts';
import { ServiceFaults } from '../../../../local/chaos/service-faults.ts';
import { createDynamoClient } from '../../../../src/adapters/dynamodb/client.ts';
import { createSqsClient } from '../../../../src/adapters/sqs/client.ts';
import { Trouble } from '../../../../src/service/errors.ts';

const always = (kind: FaultKind): FaultPlan => ({ seed: 1, rates: { [kind]: 1 }, bursts: [], deliveries: {} });

/** A service that answers everything with what it was told to, and remembers what it was asked. */
class Service {
  readonly asked: Record<string, unknown>[] = [];
  answer: (body: Record<string, unknown>) => object = () => ({});
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
        const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
        this.asked.push(body);
        response.setHeader('content-type', 'application/x-amz-json-1.0').end(JSON.stringify(this.answer(body)));
      });
    });
  }

  static async start(): Promise<Service> {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return new Service(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }
}

let service: Service;
let faults: ServiceFaults;
let proxy: Awaited<ReturnType<typeof startFaultProxy>>;
const frozen: string[] = [];

beforeEach(async () => {
  service = await Service.start();
  faults = new ServiceFaults();
  faults.environments = {
    crash: async (caller) => void frozen.push(`${caller} crashed`),
    freeze: (caller) => void frozen.push(`${caller} froze`),
    overtake: async (caller) => void frozen.push(`${caller} was overtaken`),
  };
  frozen.length = 0;
  proxy = await startFaultProxy(service.url, faults.intercept);
});

afterEach(async () => {
  await proxy.stop();
  await service.stop();
});

const settings = () => ({
  endpoint: proxy.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'worker', secretAccessKey: 'local' },
  maxAttempts: 1,
  requestHandler: { requestTimeout: 400, throwOnRequestTimeout: true },
});
const dynamo = () => createDynamoClient(settings());
const put = (client = dynamo()) => client.send(new PutCommand({ TableName: 'fieldsync-dev-entities', Item: { scope: 'user:alice', key: 'k' } }));

describe('a fault of DynamoDB', () => {
  it.each<[FaultKind, number]>([
    ['throttle', 0], ['error-before', 0], ['drop-before', 0], ['crash-before', 0],
    ['error-after', 1], ['drop-after', 1], ['cut', 1], ['crash-after', 1],
  ])('%s is trouble for who asks, after %i effects', async (kind, effects) => {
    faults.plan(always(kind));
    service.answer = () => ({ ConsumedCapacity: { TableName: 'fieldsync-dev-entities', CapacityUnits: 1 } });
    await expect(put()).rejects.toBeInstanceOf(Trouble);
    expect(service.asked).toHaveLength(effects);
    expect(faults.counts.get(kind)).toBe(1);
  });

  it('late: who asks gives up, and the effect comes after that', async () => {
    faults.plan(always('late'));
    await expect(put()).rejects.toBeInstanceOf(Trouble);
    expect(service.asked).toHaveLength(0);
    await faults.heal();
    expect(service.asked).toHaveLength(1);
    await put();
    expect(service.asked).toHaveLength(2);
  });

  it.each<[FaultKind, string[]]>([
    ['freeze', ['worker was overtaken', 'worker froze']],
    ['stall', ['worker was overtaken']],
    ['delay', []],
  ])('%s is no error: it takes its time while others go on', async (kind, happened) => {
    faults.plan(always(kind));
    await put(createDynamoClient({ ...settings(), requestHandler: {} }));
    expect(frozen).toEqual(happened);
    expect(service.asked).toHaveLength(1);
  });

  it('is masked by the client’s own tries, if it passes', async () => {
    faults.plan({ seed: 1, rates: {}, bursts: [{ kind: 'error-after', of: { writes: true }, from: 0, calls: 2 }], deliveries: {} });
    await put(createDynamoClient({ ...settings(), maxAttempts: 3 }));
    expect(service.asked).toHaveLength(3);
  });

  it('partial: asks again for what was left out is up to who asks', async () => {
    faults.plan(always('partial'));
    const keys = ['a', 'b', 'c', 'd'].map((key) => ({ scope: 'user:alice', key }));
    service.answer = (body) => {
      const { Keys } = (body['RequestItems'] as Record<string, { Keys: object[] }>)['t']!;
      return { Responses: { t: Keys }, UnprocessedKeys: {} };
    };
    const answer = await dynamo().send(new BatchGetCommand({ RequestItems: { t: { Keys: keys, ConsistentRead: true } } }));
    const left = answer.UnprocessedKeys?.['t']?.Keys ?? [];
    expect(left.length).toBeGreaterThan(0);
    expect([...(answer.Responses?.['t'] ?? []), ...left]).toEqual(keys);
  });

  it('stale: a read that may be stale lacks something; a strong one never does', async () => {
    faults.plan(always('stale'));
    const items = [1, 2, 3, 4, 5].map((n) => ({ n: { N: String(n) } }));
    service.answer = () => ({ Items: items, Count: items.length, ScannedCount: items.length });
    const query = (ConsistentRead: boolean) =>
      dynamo().send(new QueryCommand({ TableName: 't', KeyConditionExpression: 'x', ConsistentRead }));
    for (let i = 0; i < 5; i++) {
      expect((await query(false)).Items?.length).toBeLessThan(5);
      expect((await query(true)).Items).toHaveLength(5);
    }
  });

  it('stale: an index shows what it showed before', async () => {
    const query = () => dynamo().send(new QueryCommand({
      TableName: 't', IndexName: 'by_due', KeyConditionExpression: 'x', ExpressionAttributeValues: { ':due': 'pending#1' },
    }));
    service.answer = () => ({ Items: [{ id: { S: 'old' } }], Count: 1, ScannedCount: 1 });
    await query();
    faults.plan(always('stale'));
    service.answer = () => ({ Items: [{ id: { S: 'new' } }], Count: 1, ScannedCount: 1 });
    expect((await query()).Items).toEqual([{ id: 'old' }]);
    await faults.heal();
    expect((await query()).Items).toEqual([{ id: 'new' }]);
  });

  it('says what DynamoDB says, checksum included', async () => {
    faults.plan(always('throttle'));
    const plain = DynamoDBDocumentClient.from(new DynamoDBClient(settings()));
    await expect(put(plain)).rejects.toMatchObject({ $fault: 'client', $metadata: { httpStatusCode: 400 } });
  });
});

describe('a fault of SQS', () => {
  const send = (bodies: string[]) => createSqsClient(settings()).send(new SendMessageBatchCommand({
    QueueUrl: `${proxy.endpoint}/000000000000/q.fifo`,
    Entries: bodies.map((MessageBody, i) => ({ Id: String(i), MessageBody })),
  }));

  it.each<FaultKind>(['throttle', 'error-before', 'error-after', 'drop-before', 'drop-after'])('%s is trouble for who sends', async (kind) => {
    faults.plan(always(kind));
    await expect(send(['a'])).rejects.toBeInstanceOf(Trouble);
  });

  it('partial: some entries are refused by name, and those never arrived', async () => {
    faults.plan(always('partial'));
    service.answer = (body) => ({ Successful: (body['Entries'] as { Id: string }[]).map(({ Id }) => ({ Id, MessageId: Id, MD5OfMessageBody: '' })) });
    const { Failed = [] } = await send(['a', 'b', 'c']).catch(() => ({ Failed: undefined })) as { Failed?: { Id?: string }[] };
    const arrived = service.asked.flatMap((body) => (body['Entries'] as { Id: string }[]).map(({ Id }) => Id));
    expect(arrived.length).toBeLessThan(3);
    for (const { Id } of Failed) expect(arrived).not.toContain(Id);
  });
});

describe('a plan', () => {
  const call = (overrides: Partial<ServiceCall> = {}): ServiceCall => ({
    service: 'dynamodb', operation: 'PutItem', caller: 'worker', table: 'entities', index: undefined, writes: true, weak: false, body: {},
    lane: '', ...overrides,
  });

  it('treats the same calls alike, whatever others do in between', () => {
    const plan: FaultPlan = { seed: 5, rates: { 'error-before': 0.2, 'drop-after': 0.2 }, bursts: [], deliveries: {} };
    const [alone, among] = [new Fate(plan), new Fate(plan)];
    const first = Array.from({ length: 50 }, () => alone.of(call()));
    const second = Array.from({ length: 50 }, () => {
      among.of(call({ caller: 'upload' }));
      return among.of(call());
    });
    expect(second).toEqual(first);
    expect(new Set(first.map((fate) => fate?.kind))).toEqual(new Set([undefined, 'error-before', 'drop-after']));
  });

  it('has bursts that begin and end by the calls they are meant for', () => {
    const fate = new Fate({ seed: 1, rates: {}, bursts: [{ kind: 'throttle', of: { table: 'entities' }, from: 1, calls: 2 }], deliveries: {} });
    const kinds = [call(), call({ table: 'scope_log' }), call(), call(), call()].map((each) => fate.of(each)?.kind);
    expect(kinds).toEqual([undefined, undefined, 'throttle', 'throttle', undefined]);
  });

  it('never makes a strong read stale, nor a single write partial', () => {
    for (const kind of ['stale', 'partial'] as const) {
      const fate = new Fate({ seed: 1, rates: { [kind]: 1 }, bursts: [{ kind, of: {}, from: 0, calls: 9 }], deliveries: {} });
      expect([call(), call({ operation: 'Query' }), call({ operation: 'GetItem', writes: false })].map((each) => fate.of(each))).toEqual([undefined, undefined, undefined]);
    }
  });
});
