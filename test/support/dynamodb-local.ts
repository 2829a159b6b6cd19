import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll } from 'vitest';
import { createTables } from '../../local/dynamodb/create-tables.ts';
import { startDynamoDbLocal, type DynamoDbLocal } from '../../local/dynamodb/dynamodb-local.ts';
import type { TableResource } from '../../local/template/resources.ts';
import { createDynamoClient } from '../../src/adapters/dynamodb/client.ts';
import type { TableNames } from '../../src/adapters/dynamodb/stores.ts';
import { TABLE_KEYS, type TableName } from '../../src/runtime/env.ts';

/** DynamoDB Local for the tests of one file. */
export type TestDynamo = {
  readonly client: DynamoDBDocumentClient;
  /** Empty tables of their own; all, or just these. What is not made has a name that no table has. */
  fresh(...only: TableName[]): Promise<TableNames & Record<'connections', string>>;
};

/**
 * Starts the official DynamoDB Local before the tests of a file and stops it after them. It ends with this process,
 * however that ends.
 */
export function useDynamo(): TestDynamo {
  let local: DynamoDbLocal | undefined;
  let client: DynamoDBDocumentClient | undefined;
  let made = 0;

  const clientNow = () => {
    if (!client) throw new Error('DynamoDB Local runs only while tests do');
    return client;
  };
  beforeAll(async () => {
    local = await startDynamoDbLocal(undefined);
    client = createDynamoClient({
      endpoint: local.endpoint,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      // A busy machine is no reason to fail.
      requestHandler: { requestTimeout: 30_000, throwOnRequestTimeout: true },
    });
  }, 60_000);
  afterAll(async () => {
    client?.destroy();
    await local?.stop();
  });

  return {
    get client() {
      return clientNow();
    },
    async fresh(...only) {
      const prefix = `test-${++made}`;
      const names = Object.keys(TABLE_KEYS) as TableName[];
      const wanted = only.length > 0 ? only : names;
      const started = local;
      if (!started) throw new Error('DynamoDB Local runs only while tests do');
      await createTables(clientNow(), wanted.map((name) => tableResource(`${prefix}-${name}`, name)));
      return Object.fromEntries(names.map((name) => [name, `${prefix}-${name}`])) as Record<TableName, string>;
    },
  };
}

type KeyPart = { name: string; type: 'S' | 'N' };
type Layout = { partition: KeyPart; sort?: KeyPart; ttl?: string; index?: { name: string; partition: KeyPart; sort: KeyPart } };

/** A table as the infrastructure declares it, from the same key layout. Without TTL: here it would work within seconds. */
function tableResource(TableName: string, name: TableName): TableResource {
  const { partition, sort, index }: Layout = TABLE_KEYS[name];
  const schema = (hash: KeyPart, range: KeyPart | undefined) => [
    { AttributeName: hash.name, KeyType: 'HASH' as const },
    ...(range ? [{ AttributeName: range.name, KeyType: 'RANGE' as const }] : []),
  ];
  const attributes = new Map([partition, ...(sort ? [sort] : []), ...(index ? [index.partition, index.sort] : [])].map((part) => [part.name, part.type]));
  return {
    TableName,
    AttributeDefinitions: [...attributes].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
    KeySchema: schema(partition, sort),
    ...(index
      ? {
          GlobalSecondaryIndexes: [
            { IndexName: index.name, KeySchema: schema(index.partition, index.sort), Projection: { ProjectionType: 'KEYS_ONLY' as const } },
          ],
        }
      : {}),
  };
}
