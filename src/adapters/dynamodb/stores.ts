import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Ports } from '../../service/ports.ts';
import type { Clock } from '../../service/ports/clock.ts';
import type { Ids } from '../../service/ports/ids.ts';
import { createActionLog } from './action-log.ts';
import { createAttachmentStore } from './attachment-store.ts';
import { createConflictStore } from './conflict-store.ts';
import { createDeviceStore } from './device-store.ts';
import { createEntityStore } from './entity-store.ts';
import { createInbox } from './inbox.ts';
import { createScopeLog } from './scope-log.ts';
import { DynamoTable } from './table.ts';

/** Names of the tables, by what they hold (design 3). */
export type TableNames = Record<
  'clientSyncState' | 'syncConflicts' | 'offlineActionsLog' | 'scopeLog' | 'entities' | 'uploadInbox' | 'attachments' | 'usage',
  string
>;

export type DynamoConfig = { client: DynamoDBDocumentClient; tables: TableNames; clock: Clock; ids: Pick<Ids, 'random'> };

/** The ports that DynamoDB serves. A function that was not given a table's name must not use that table's port. */
export function createDynamo(
  config: DynamoConfig,
): Pick<Ports, 'log' | 'entities' | 'actions' | 'conflicts' | 'inbox' | 'devices' | 'attachments'> {
  const { client, tables, clock, ids } = config;
  const pause = (attempt: number) => clock.sleep(25 * 2 ** attempt * (0.5 + ids.random()));
  const table = (name: keyof TableNames) => new DynamoTable(client, tables[name], pause);
  return {
    log: createScopeLog(table('scopeLog')),
    entities: createEntityStore(table('entities'), clock),
    actions: createActionLog(table('offlineActionsLog')),
    conflicts: createConflictStore(table('syncConflicts')),
    inbox: createInbox(table('uploadInbox')),
    devices: createDeviceStore(table('clientSyncState')),
    attachments: createAttachmentStore(table('attachments')),
  };
}
