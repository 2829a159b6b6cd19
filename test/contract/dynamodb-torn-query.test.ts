import { type DynamoDBDocumentClient, QueryCommand, type QueryCommandOutput } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { createDynamo } from '../../src/adapters/dynamodb/stores.ts';
import { createMemoryIds } from '../../src/adapters/memory/ids.ts';
import { TestClock } from '../../src/adapters/memory/test-clock.ts';
import type { BatchHeader } from '../../src/service/ports/inbox.ts';
import { action, claims, T0 } from '../support/builders.ts';
import { useDynamo } from '../support/dynamodb-local.ts';

const OWNER = { user: 'alice', device: 'phone' };
const [FIRST, SECOND] = ['000000000000001-000', '000000000000001-001'];

/** A query is no snapshot: this one reads its range in two parts, one after the other, and `between` happens meanwhile. */
function tearing(client: DynamoDBDocumentClient, between: () => Promise<void>): DynamoDBDocumentClient {
  const query = async ({ input }: QueryCommand): Promise<QueryCommandOutput> => {
    const part = ([first, last]: readonly [string, string]) =>
      client.send(new QueryCommand({
        ...input,
        KeyConditionExpression: '#owner = :owner AND #id BETWEEN :first AND :last',
        ExpressionAttributeValues: { ':owner': input.ExpressionAttributeValues?.[':owner'], ':first': first, ':last': last },
      }));
    const [lower, upper] = [['h#', `h#${FIRST}`], [`h#${SECOND}`, 'h$']] as const;
    const [now, later] = input.ScanIndexForward === false ? [upper, lower] : [lower, upper];
    const before = await part(now);
    await between();
    const after = await part(later);
    return { ...after, Items: [...(before.Items ?? []), ...(after.Items ?? [])] };
  };
  return { send: (command: never) => ((command as unknown) instanceof QueryCommand ? query(command) : client.send(command)) } as unknown as DynamoDBDocumentClient;
}

describe('a query on DynamoDB that runs while others write', () => {
  const dynamo = useDynamo();

  it('never shows a batch without the one that its upload stored before it (P3)', async () => {
    const tables = await dynamo.fresh('uploadInbox');
    const [clock, ids] = [new TestClock(), createMemoryIds()];
    const { inbox } = createDynamo({ client: dynamo.client, tables, clock, ids });
    const header = (batchId: string): BatchHeader => ({
      owner: OWNER, batchId, scope: 'user:alice', claims: claims(), acceptedAt: T0, actions: [], state: 'pending',
      attempts: 0, trying: 0, changedAt: T0, sends: 1, dueAt: T0,
    });
    const upload = async () => {
      for (const batchId of [FIRST, SECOND]) await inbox.put(header(batchId), [action()]);
    };
    const torn = createDynamo({ client: tearing(dynamo.client, upload), tables, clock, ids });
    expect((await torn.inbox.headers(OWNER)).map(({ batchId }) => batchId)).toEqual([FIRST]);
    expect((await inbox.headers(OWNER)).map(({ batchId }) => batchId)).toEqual([FIRST, SECOND]);
  });
});
