import { QueryCommand } from '@aws-sdk/client-dynamodb';
import type { Stage } from '../stage/stage.ts';
import { edit } from '../workload/records.ts';
import { busyPhones, push } from './cases.ts';

/** Bytes that one small update in a batch of 20 leaves behind: its share of the commit, and its outcome. */
export type Stored = { readonly days90: number; readonly forEver: number };

/** DynamoDB adds this to every item that it stores, for its index. */
const BYTES_PER_ITEM = 100;

export async function storedPerUpdate(stage: Stage): Promise<Stored> {
  const { person, phone, records } = await busyPhones(stage, 1, 20);
  edit(phone, 1, records);
  await push(phone);
  const { tableNames } = stage.stack;
  const client = stage.dynamo();
  const items = async (table: string, attribute: string, value: string) => {
    const { Items = [] } = await client.send(new QueryCommand({
      TableName: table, KeyConditionExpression: '#key = :value',
      ExpressionAttributeNames: { '#key': attribute }, ExpressionAttributeValues: { ':value': { S: value } },
    }));
    return Items;
  };
  try {
    const commits = await items(tableNames.scopeLog, 'scope', `user:${person.sub}`);
    const outcomes = await items(tableNames.offlineActionsLog, 'user', person.sub);
    const commit = commits.at(-1) ?? {};
    const bytes = outcomes.reduce((sum, item) => sum + itemBytes(item) + BYTES_PER_ITEM, 0);
    return { days90: (itemBytes(commit) + BYTES_PER_ITEM) / records.length, forEver: bytes / outcomes.length };
  } finally {
    client.destroy();
  }
}

type Attribute = { S?: string; N?: string; B?: Uint8Array; BOOL?: boolean };

/** Names and values in UTF-8; a number takes about a byte for two digits (AWS, "DynamoDB item sizes and formats"). */
function itemBytes(item: Readonly<Record<string, Attribute>>): number {
  return Object.entries(item).reduce((sum, [name, { S, N, B }]) => {
    const value = S !== undefined ? Buffer.byteLength(S) : B ? B.length : N !== undefined ? Math.ceil(N.length / 2) + 1 : 1;
    return sum + Buffer.byteLength(name) + value;
  }, 0);
}
