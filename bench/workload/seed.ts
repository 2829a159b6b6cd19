import { BatchWriteCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Phone } from '../../local/demo/phone.ts';
import { commitToItem } from '../../src/adapters/dynamodb/commit-codec.ts';
import { rowToItem } from '../../src/adapters/dynamodb/entity-codec.ts';
import type { TableNames } from '../../src/adapters/dynamodb/stores.ts';
import type { Item } from '../../src/adapters/dynamodb/table.ts';
import { encodeCursor } from '../../src/engine/cursor.ts';
import type { Commit, EntityRow, Stamp } from '../../src/engine/model.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { fewAtOnce } from '../../src/service/few-at-once.ts';

const PUTS = 25;
const AT_ONCE = 4;
/** Commits of the past, one a second, the last of them a while ago. */
const SECOND_MS = 1000;
const HOUR_MS = 3600 * SECOND_MS;

/** The scope of a department that has had so many tasks, each created by a commit of its own. */
export type Seeded = { readonly scope: string; readonly count: number; readonly entityIds: readonly string[] };

/**
 * Writes the log and the records of such a scope straight into the tables: 100,000 uploads would take hours. Its last
 * commit was an hour before `nowMs`.
 */
export async function seedScope(
  client: DynamoDBDocumentClient, tables: TableNames, department: string, count: number, fieldsOf: (i: number) => JsonObject, nowMs = Date.now(),
): Promise<Seeded> {
  const scope = `department:${department}`;
  const begun = nowMs - HOUR_MS - count * SECOND_MS;
  const entityId = (i: number) => `${department}-task-${i}`;
  for (let i = 0; i < count; i += PUTS * AT_ONCE) {
    const batches: (() => Promise<void>)[] = [];
    for (let k = i; k < Math.min(count, i + PUTS * AT_ONCE); k += PUTS) {
      const commits = Array.from({ length: Math.min(PUTS, count - k) }, (_, j) => commitOf(scope, entityId(k + j), k + j + 1, begun, fieldsOf(k + j)));
      batches.push(() => putAll(client, tables.scopeLog, commits.map(commitToItem)));
      batches.push(() => putAll(client, tables.entities, commits.flatMap(({ changes }) => changes.map(({ row }) => rowToItem(row)))));
    }
    await fewAtOnce(AT_ONCE, batches);
  }
  const appliedAt = begun + count * SECOND_MS;
  await putAll(client, tables.scopeLog, [{ scope, n: 0, applied: count, applied_at: appliedAt, epoch: 0 }]);
  return { scope, count, entityIds: Array.from({ length: count }, (_, i) => entityId(i)) };
}

/** The cursor of a user who has followed the scope to its end. */
export function seededCursor({ scope, count }: Seeded, user: string, nowMs: number): string {
  const scopes = { [scope]: { at: count, skip: 0 }, [`user:${user}`]: { at: 0, skip: 0 } };
  return encodeCursor({ epoch: 0, types: [], scopes, ts: nowMs, noted: nowMs });
}

/** Notes an update of each of the first records. */
export function noteUpdates(phone: Phone, { scope, entityIds }: Seeded, count: number): void {
  for (const [i, entityId] of entityIds.slice(0, count).entries()) {
    const place = { entity_id: entityId, home: scope, base_version: i + 1 };
    phone.act({ action_type: 'update_task', entity_type: 'task', ...place, data: { title: `New ${i}` } });
  }
}

function commitOf(scope: string, entityId: string, n: number, begun: number, fields: JsonObject): Commit {
  const at = begun + n * SECOND_MS;
  const stamp: Stamp = { n, at, sub: 'seed', device: 'seed', order: n * 1000, time: at };
  const row: EntityRow = {
    scope, home: scope, type: 'task', entityId, serverId: n, version: n, n, state: 'live', fields,
    createdAt: at, createdBy: 'seed', updatedAt: at, updatedBy: 'seed', audience: [], created: stamp, stamps: {},
  };
  return { scope, n, at, prevAt: n === 1 ? 0 : at - SECOND_MS, changes: [{ row, to: [] }], outcomes: [], conflicts: [] };
}

async function putAll(client: DynamoDBDocumentClient, table: string, items: readonly Item[]): Promise<void> {
  let left = items.map((item) => ({ PutRequest: { Item: item } }));
  while (left.length > 0) {
    const { UnprocessedItems = {} } = await client.send(new BatchWriteCommand({ RequestItems: { [table]: left } }));
    left = (UnprocessedItems[table] ?? []) as typeof left;
  }
}
