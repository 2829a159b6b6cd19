import { afterEach, describe, expect, it } from 'vitest';
import { createDynamoClient } from '../../../src/adapters/dynamodb/client.ts';
import { createDynamo } from '../../../src/adapters/dynamodb/stores.ts';
import { createMemoryIds } from '../../../src/adapters/memory/ids.ts';
import { TestClock } from '../../../src/adapters/memory/test-clock.ts';
import { Trouble } from '../../../src/service/errors.ts';
import { commit } from '../../support/builders.ts';
import { refusal, startFakeAws, type Answer, type FakeAws, type Request } from '../../support/fake-aws.ts';

const tables = {
  clientSyncState: 'devices', syncConflicts: 'conflicts', offlineActionsLog: 'actions', scopeLog: 'log', entities: 'entities', uploadInbox: 'inbox', attachments: 'inbox', usage: 'usage',
};

describe('DynamoDB in trouble', () => {
  let fake: FakeAws | undefined;
  afterEach(() => fake?.stop());

  async function storesOn(answer: (request: Request, nth: number) => Answer, more: { credentials?: () => Promise<never> } = {}) {
    fake = await startFakeAws(answer);
    const client = createDynamoClient({
      endpoint: fake.endpoint,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      requestHandler: { requestTimeout: 100, throwOnRequestTimeout: true, socketTimeout: 100 },
      maxAttempts: 1,
      ...more,
    });
    const clock = new TestClock({ auto: true });
    return { ...createDynamo({ client, tables, clock, ids: createMemoryIds() }), clock };
  }

  const errorOf = async (promise: Promise<unknown>): Promise<unknown> => promise.then(() => 'none', (error: unknown) => error);

  it.each([
    ['throttled', refusal(400, 'ProvisionedThroughputExceededException')],
    ['throttled by account', refusal(400, 'RequestLimitExceeded')],
    ['throttled by control', refusal(400, 'ThrottlingException')],
    ['in conflict with a transaction', refusal(400, 'TransactionConflictException')],
    ['broken', refusal(500, 'InternalServerError')],
    ['unavailable', { status: 503, body: 'Service Unavailable' }],
    ['behind something that answers in its place', { status: 502, body: '<html>' }],
    ['not allowed', refusal(400, 'AccessDeniedException')],
    ['without a table, as in a restore', refusal(400, 'ResourceNotFoundException')],
    ['of expired credentials', refusal(400, 'ExpiredTokenException')],
    ['hanging up', 'reset'],
    ['hanging up halfway', 'cut off'],
    ['silent', 'silence'],
  ] satisfies [string, Answer][])('says Trouble when it is %s', async (_, answer) => {
    const { log } = await storesOn(() => answer);
    expect(await errorOf(log.head('user:alice'))).toBeInstanceOf(Trouble);
  });

  it('says Trouble when nobody listens', async () => {
    const { log } = await storesOn(() => 'reset');
    await fake?.stop();
    expect(await errorOf(log.head('user:alice'))).toBeInstanceOf(Trouble);
  });

  it('says Trouble when there are no credentials', async () => {
    const credentials = async (): Promise<never> => {
      throw Object.assign(new Error('none'), { name: 'CredentialsProviderError' });
    };
    const { log } = await storesOn(() => refusal(500, 'InternalServerError'), { credentials });
    expect(await errorOf(log.head('user:alice'))).toBeInstanceOf(Trouble);
  });

  it.each(['ValidationException', 'SerializationException', 'ItemCollectionSizeLimitExceededException'])(
    'says that %s is a bug, which no later try cures',
    async (type) => {
      const { log } = await storesOn(() => refusal(400, type));
      const error = await errorOf(log.head('user:alice'));
      expect(error).toBeInstanceOf(Error);
      expect(error).not.toBeInstanceOf(Trouble);
    },
  );

  it('turns a refused condition into its word', async () => {
    const stores = await storesOn(() => refusal(400, 'ConditionalCheckFailedException'));
    expect(await stores.log.put(commit())).toBe('taken');
    await expect(stores.log.advance('user:alice', 1, 1, 0)).resolves.toBeUndefined();
    expect(await stores.devices.remember('alice', 'phone', { entries: [], revision: 3 }, [])).toBe(false);
  });

  it('never takes what it can not read for something else', async () => {
    const item = { scope: { S: 'user:alice' }, n: { N: '1' }, at: { N: '1' }, prev_at: { N: '0' }, body: { B: Buffer.from([9, 1, 2]).toString('base64') } };
    const { log } = await storesOn(() => ({ status: 200, body: { Items: [item], Count: 1 } }));
    await expect(log.read('user:alice', 0, 9, { strong: true })).rejects.toThrow('unknown format');
  });

  describe('keys that a batch left out', () => {
    const keys = Array.from({ length: 4 }, (_, i) => ({ user: 'alice', clientId: `a-${i}` }));
    type BatchInput = { RequestItems: { actions: { Keys: { client_id: { S: string } }[]; ConsistentRead: boolean } } };
    const asked = (request: Request) => (request.input as BatchInput).RequestItems.actions.Keys;

    function gives(request: Request, count: number): Answer {
      const wanted = asked(request);
      const Responses = { actions: wanted.slice(0, count).map((key) => ({ ...key, status: { S: 'success' } })) };
      const rest = wanted.slice(count);
      return { status: 200, body: { Responses, UnprocessedKeys: rest.length > 0 ? { actions: { Keys: rest, ConsistentRead: true } } : {} } };
    }

    it('are asked for again, after a while', async () => {
      const { actions, clock } = await storesOn((request, nth) => gives(request, nth === 0 ? 0 : 1));
      const before = clock.now();
      expect((await actions.get(keys)).size).toBe(4);
      expect(clock.now()).toBeGreaterThan(before);
      expect(fake?.requests.map((request) => asked(request).length)).toEqual([4, 4, 3, 2, 1]);
      expect(fake?.requests.every((request) => (request.input as BatchInput).RequestItems.actions.ConsistentRead)).toBe(true);
    });

    it('are Trouble when they never come, and never taken for absent', async () => {
      const { actions } = await storesOn((request) => gives(request, 0));
      expect(await errorOf(actions.get(keys))).toBeInstanceOf(Trouble);
    });
  });
});
