import { describe } from 'vitest';
import { createConnections } from '../../src/adapters/dynamodb/connection-store.ts';
import { createDynamo } from '../../src/adapters/dynamodb/stores.ts';
import { createUsageStore } from '../../src/adapters/dynamodb/usage-store.ts';
import { createMemoryIds } from '../../src/adapters/memory/ids.ts';
import { TestClock } from '../../src/adapters/memory/test-clock.ts';
import type { TableName } from '../../src/runtime/env.ts';
import { useDynamo } from '../support/dynamodb-local.ts';
import { actionLogContract } from './action-log.ts';
import { attachmentStoreContract } from './attachment-store.ts';
import { connectionsContract } from './connections.ts';
import { conflictStoreContract } from './conflict-store.ts';
import { deviceStoreContract } from './device-store.ts';
import { entityStoreContract } from './entity-store.ts';
import { inboxContract } from './inbox.ts';
import { scopeLogContract } from './scope-log.ts';
import { usageStoreContract } from './usage-store.ts';

describe('on DynamoDB', () => {
  const dynamo = useDynamo();
  const fresh = async (table: TableName) =>
    createDynamo({ client: dynamo.client, tables: await dynamo.fresh(table), clock: new TestClock({ auto: true }), ids: createMemoryIds() });

  scopeLogContract(async () => (await fresh('scopeLog')).log);
  entityStoreContract(async () => (await fresh('entities')).entities);
  actionLogContract(async () => (await fresh('offlineActionsLog')).actions);
  conflictStoreContract(async () => (await fresh('syncConflicts')).conflicts);
  inboxContract(async () => (await fresh('uploadInbox')).inbox);
  attachmentStoreContract(async () => (await fresh('attachments')).attachments);
  deviceStoreContract(async () => (await fresh('clientSyncState')).devices);
  connectionsContract(async () => {
    const { connections: table } = await dynamo.fresh('connections');
    return createConnections({ client: dynamo.client, table, clock: new TestClock({ auto: true }), ids: createMemoryIds() });
  });
  usageStoreContract(async () => createUsageStore(dynamo.client, (await dynamo.fresh('usage')).usage));
});
