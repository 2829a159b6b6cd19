import { DynamoDBClient, GetItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { accessKeyOf, startAccessGuard, type AccessGuard } from '../../local/access/access-guard.ts';
import { permissionsOf } from '../../local/access/policies.ts';
import { stackResources } from '../../local/template/read-resources.ts';
import type { FunctionResource } from '../../local/template/resources.ts';
import { readTemplates, resolveTemplates } from '../../local/template/template.ts';
import { ACCESS, type Access, type FunctionName } from '../../lib/access.ts';
import { physicalTableName } from '../../lib/sync-tables.ts';
import { TABLE_ENV, TABLE_KEYS, type TableName } from '../../src/runtime/env.ts';
import { startFakeAws, type FakeAws } from '../support/fake-aws.ts';
import { synthesized } from './synthesized.ts';

// The guard with the policies of the template as it is, before a service that would do anything.

const REGION = 'us-east-1';
const ARNS = {
  table: (name: string) => `arn:aws:dynamodb:${REGION}:000000000000:table/${name}`,
  queue: (name: string) => `arn:aws:sqs:${REGION}:000000000000:${name}`,
};
const resolved = resolveTemplates(readTemplates(synthesized().folder), {
  region: REGION,
  accountId: '000000000000',
  parameters: { TokenIssuer: 'iss', TokenAudience: 'aud', TokenJwksUrl: 'http://jwks' },
  queueUrl: (name) => `http://queues/${name}`,
});
const functions = stackResources(resolved, (name) => name).functions;
const tableOf = (table: TableName) => `fieldsync-dev-${physicalTableName(table)}`;

let aws: FakeAws;
let guard: AccessGuard;
const refused: string[] = [];

beforeAll(async () => {
  aws = await startFakeAws(() => ({ status: 200, body: {} }));
  guard = await startAccessGuard({ dynamoEndpoint: aws.endpoint, sqsEndpoint: aws.endpoint, arns: ARNS, onRefusal: (caller, words) => refused.push(`${caller} ${words}`) });
  guard.permit(new Map(functions.map((fn) => [accessKeyOf(fn.shortName), permissionsOf(fn.roleArn, resolved)])));
});
afterAll(async () => {
  await guard.stop();
  await aws.stop();
});
beforeEach(() => {
  refused.length = 0;
  aws.requests.length = 0;
});

function settings(endpoint: string, as: string) {
  return { endpoint, region: REGION, credentials: { accessKeyId: accessKeyOf(as), secretAccessKey: 'x' }, maxAttempts: 1 };
}

const denied = expect.objectContaining({ name: expect.stringContaining('AccessDenied') });

describe('the guard before the local database and queue', () => {
  it('lets a function do what its role grants, and keeps from the service what it does not', async () => {
    const status = new DynamoDBClient(settings(guard.dynamoEndpoint, 'status'));
    const key = { user: { S: 'a' }, device_id: { S: 'd' } };
    await status.send(new GetItemCommand({ TableName: tableOf('clientSyncState'), Key: key }));
    expect(aws.requests.map(({ operation }) => operation)).toEqual(['GetItem']);
    await expect(status.send(new PutItemCommand({ TableName: tableOf('clientSyncState'), Item: key }))).rejects.toEqual(denied);
    await expect(status.send(new GetItemCommand({ TableName: tableOf('scopeLog'), Key: key }))).rejects.toEqual(denied);
    await expect(status.send(new QueryCommand({ TableName: tableOf('uploadInbox'), IndexName: 'by_due' }))).rejects.toEqual(denied);
    expect(aws.requests).toHaveLength(1);
    expect(refused).toHaveLength(3);
    expect(guard.refusals.at(-1)).toMatch(/^status: not authorized to perform dynamodb:Query on .*upload_inbox\/index\/by_due$/);
    status.destroy();
  });

  it('refuses a queue to who may not send, and everything to who has no role', async () => {
    const entries = { QueueUrl: 'http://queues/fieldsync-dev-work.fifo', Entries: [{ Id: '1', MessageBody: 'x', MessageGroupId: 'g' }] };
    const [download, nobody] = [new SQSClient(settings(guard.sqsEndpoint, 'download')), new DynamoDBClient(settings(guard.dynamoEndpoint, 'nobody'))];
    await expect(download.send(new SendMessageBatchCommand(entries))).rejects.toEqual(denied);
    await expect(nobody.send(new GetItemCommand({ TableName: tableOf('scopeLog'), Key: { scope: { S: 's' }, n: { N: '0' } } }))).rejects.toEqual(denied);
    expect(aws.requests).toEqual([]);
    download.destroy();
    nobody.destroy();
  });
});

describe('connections, of which the local stack asks the guard itself', () => {
  const connection = (api: string, stage: string, method: string) => `arn:aws:execute-api:${REGION}:000000000000:${api}/${stage}/${method}/@connections/abc=`;
  const need = (resource: string) => [{ action: 'execute-api:ManageConnections', resource }];
  const { apiId, stage } = stackResources(resolved, (name) => name).live;

  it('may be sent to by notify alone, and closed by those two that end them', () => {
    const may = (method: string) => functions.map((fn) => fn.shortName).filter((name) => guard.refuse(accessKeyOf(name), need(connection(apiId, stage, method))) === undefined);
    expect(may('POST')).toEqual(['notify']);
    expect(may('DELETE')).toEqual(['live', 'notify']);
    expect(may('GET')).toEqual([]);
  });

  it('of other APIs and stages are out of reach', () => {
    for (const resource of [connection('other', stage, 'POST'), connection(apiId, 'other', 'POST')]) expect(guard.refuse('notify', need(resource))).toContain('not authorized');
    expect(refused.at(-1)).toMatch(/^notify not authorized to perform execute-api:ManageConnections on /);
  });

  it('the stream of the log is read by the mappings of notify and usage alone', () => {
    const reads = ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map((read) => ({ action: `dynamodb:${read}`, resource: `${ARNS.table(tableOf('scopeLog'))}/stream/local` }));
    for (const read of reads) expect(functions.map((fn) => fn.shortName).filter((name) => guard.refuse(accessKeyOf(name), [read]) === undefined).toSorted()).toEqual(['notify', 'usage']);
  });
});

describe('the permissions that it reads from the template', () => {
  const OPERATIONS = ['GetItem', 'BatchGetItem', 'Query', 'Scan', 'PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'PartiQLInsert', 'PartiQLUpdate', 'PartiQLDelete', 'PartiQLSelect', 'DeleteTable', 'UpdateTable'];

  it.each(functions.map((fn): [FunctionName, FunctionResource] => [fn.shortName as FunctionName, fn]))('of %s are those of the access matrix, for every table and operation', (name, fn) => {
    const may = permissionsOf(fn.roleArn, resolved);
    const access: Access = ACCESS[name];
    for (const table of Object.keys(TABLE_ENV) as TableName[]) {
      const granted: readonly string[] = access.tables[table] ?? [];
      const allowed = OPERATIONS.filter((operation) => may({ action: `dynamodb:${operation}`, resource: ARNS.table(tableOf(table)) }));
      expect([table, allowed.sort()]).toEqual([table, granted.filter((action) => action !== 'QueryIndex').sort()]);
      const layout = TABLE_KEYS[table];
      const index = `${ARNS.table(tableOf(table))}/index/${'index' in layout ? layout.index.name : 'none'}`;
      expect(OPERATIONS.filter((operation) => may({ action: `dynamodb:${operation}`, resource: index }))).toEqual(granted.includes('QueryIndex') ? ['Query'] : []);
    }
  });
});
