import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { Trouble } from '../../service/errors.ts';
import type { DynamoTable, Item } from './table.ts';

const BATCH = 25;
const ROUNDS = 6;

/** Items to put, and keys to delete, in no order and without conditions. Not in `DynamoTable`: few functions need it. */
export async function writeAll(table: DynamoTable, put: readonly Item[], remove: readonly Item[], pause: (attempt: number) => Promise<void>): Promise<void> {
  const requests = [...put.map((Item) => ({ PutRequest: { Item } })), ...remove.map((Key) => ({ DeleteRequest: { Key } }))];
  for (let i = 0; i < requests.length; i += BATCH) {
    let left = requests.slice(i, i + BATCH);
    for (let round = 0; left.length > 0; round++) {
      if (round === ROUNDS) throw new Trouble('DynamoDB BatchWriteItem: items left unprocessed', undefined);
      if (round > 0) await pause(round);
      const { UnprocessedItems } = await table.doc.send(new BatchWriteCommand({ RequestItems: { [table.name]: left } }));
      left = (UnprocessedItems?.[table.name] ?? []) as typeof left;
    }
  }
}
