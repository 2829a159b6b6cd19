import {
  CreateTableCommand, DescribeTableCommand, DynamoDBClient, ResourceInUseException, UpdateTableCommand, UpdateTimeToLiveCommand,
  type CreateTableCommandInput, type TableDescription,
} from '@aws-sdk/client-dynamodb';
import { StartProblem } from '../start-problem.ts';
import type { TableResource } from '../template/resources.ts';

/** Creates the tables that are missing, and says whether any was there already. */
export async function createTables(client: DynamoDBClient, tables: readonly TableResource[]): Promise<{ found: boolean }> {
  const found = await Promise.all(tables.map((table) => createTable(client, table)));
  return { found: found.includes(true) };
}

async function createTable(client: DynamoDBClient, table: TableResource): Promise<boolean> {
  const stream = table.StreamSpecification && { StreamEnabled: true, ...table.StreamSpecification };
  const input: CreateTableCommandInput = {
    TableName: table.TableName,
    AttributeDefinitions: [...table.AttributeDefinitions],
    KeySchema: [...table.KeySchema],
    BillingMode: 'PAY_PER_REQUEST',
    ...(table.GlobalSecondaryIndexes !== undefined && {
      GlobalSecondaryIndexes: table.GlobalSecondaryIndexes.map(({ IndexName, KeySchema, Projection }) => ({
        IndexName,
        KeySchema: [...KeySchema],
        Projection,
      })),
    }),
    ...(stream && { StreamSpecification: stream }),
  };
  try {
    await client.send(new CreateTableCommand(input));
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
    const found = await refuseOtherKeys(client, table);
    // Data of a version before the stream.
    if (stream && !found?.StreamSpecification?.StreamEnabled) {
      await client.send(new UpdateTableCommand({ TableName: table.TableName, StreamSpecification: stream }));
    }
    return true;
  }
  if (table.TimeToLiveSpecification !== undefined) {
    await client.send(new UpdateTimeToLiveCommand({
      TableName: table.TableName,
      TimeToLiveSpecification: { ...table.TimeToLiveSpecification },
    }));
  }
  return false;
}

/** Data of an older layout would fail later, in ways hard to understand. */
async function refuseOtherKeys(client: DynamoDBClient, table: TableResource): Promise<TableDescription | undefined> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: table.TableName }));
  const layout = (keys: TableResource['KeySchema'], indexes: readonly { IndexName?: string | undefined }[] = []) =>
    JSON.stringify([keys.map((key) => [key.AttributeName, key.KeyType]), indexes.map((index) => index.IndexName).sort()]);
  const before = layout((Table?.KeySchema ?? []) as TableResource['KeySchema'], Table?.GlobalSecondaryIndexes);
  if (before !== layout(table.KeySchema, table.GlobalSecondaryIndexes)) {
    throw new StartProblem(`The table ${table.TableName} on disk has other keys than this version of Fieldsync. `
      + 'Delete the data folder (.local, or FIELDSYNC_DATA_DIR) and start again.');
  }
  return Table;
}
