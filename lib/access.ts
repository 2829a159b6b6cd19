import type { TABLE_KEYS, TableName } from '../src/runtime/env.ts';

/** What a function may do to a table. `QueryIndex` is a Query of the table's index, `Query` one of the table itself. */
export type TableAction =
  | 'GetItem' | 'BatchGetItem' | 'Query' | 'QueryIndex' | 'Scan'
  | 'PutItem' | 'UpdateItem' | 'DeleteItem' | 'BatchWriteItem'
  | 'PartiQLInsert' | 'PartiQLUpdate' | 'PartiQLSelect';

export interface Access {
  readonly tables: { readonly [T in TableName]?: readonly TableAction[] };
  /** On the work queue. Receiving and deleting come with the event source mapping. */
  readonly queue?: readonly ('SendMessage' | 'ChangeMessageVisibility')[];
  /** Gets the names of the token's issuer, audience and key set. */
  readonly verifiesTokens?: true;
}

/**
 * The access matrix: every function gets exactly these actions on exactly these tables, and the environment
 * variables of just these tables. A call that is missing here fails as AccessDenied when deployed, and in the local
 * stack as well, which reads the policies of the template: edit this table together with the function.
 */
export const ACCESS = {
  upload: {
    tables: {
      uploadInbox: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem'],
      clientSyncState: ['GetItem', 'Query', 'UpdateItem'],
      offlineActionsLog: ['GetItem', 'BatchGetItem'],
      syncConflicts: ['GetItem', 'BatchGetItem'],
      entities: ['GetItem', 'BatchGetItem', 'Query'],
      scopeLog: ['GetItem', 'Query'],
    },
    queue: ['SendMessage'],
    verifiesTokens: true,
  },
  download: {
    tables: {
      scopeLog: ['GetItem', 'Query'],
      entities: ['Query'],
      clientSyncState: ['GetItem', 'UpdateItem'],
    },
    verifiesTokens: true,
  },
  status: {
    tables: {
      clientSyncState: ['GetItem'],
      uploadInbox: ['Query'],
      syncConflicts: ['Query'],
    },
    verifiesTokens: true,
  },
  records: {
    tables: {
      entities: ['GetItem', 'BatchGetItem', 'Query'],
      offlineActionsLog: ['GetItem', 'BatchGetItem'],
      syncConflicts: ['GetItem', 'BatchGetItem'],
      uploadInbox: ['GetItem', 'Query'],
      scopeLog: ['GetItem', 'Query'],
    },
    verifiesTokens: true,
  },
  conflicts: {
    tables: {
      syncConflicts: ['GetItem', 'Query'],
      entities: ['GetItem', 'BatchGetItem'],
      scopeLog: ['GetItem'],
    },
    verifiesTokens: true,
  },
  'resolve-conflict': {
    tables: {
      syncConflicts: ['GetItem', 'Query', 'QueryIndex'],
      uploadInbox: ['GetItem', 'Query', 'PutItem', 'UpdateItem'],
      offlineActionsLog: ['GetItem', 'BatchGetItem'],
      entities: ['GetItem', 'BatchGetItem', 'Query'],
      scopeLog: ['GetItem', 'Query'],
      clientSyncState: ['UpdateItem'],
    },
    queue: ['SendMessage'],
    verifiesTokens: true,
  },
  'admin-query': {
    tables: {
      clientSyncState: ['GetItem', 'Query', 'Scan'],
      syncConflicts: ['GetItem', 'BatchGetItem', 'Query', 'QueryIndex'],
      offlineActionsLog: ['GetItem', 'Query', 'Scan'],
      scopeLog: ['GetItem', 'Query'],
      entities: ['GetItem', 'Query'],
      uploadInbox: ['GetItem', 'BatchGetItem', 'Query', 'QueryIndex', 'Scan', 'UpdateItem', 'DeleteItem'],
    },
    queue: ['SendMessage'],
    verifiesTokens: true,
  },
  health: { tables: {} },
  worker: {
    tables: {
      scopeLog: ['GetItem', 'Query', 'PutItem', 'UpdateItem'],
      entities: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'],
      syncConflicts: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
      offlineActionsLog: ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem'],
      clientSyncState: ['GetItem', 'Query', 'UpdateItem'],
      uploadInbox: ['GetItem', 'BatchGetItem', 'Query', 'UpdateItem', 'DeleteItem'],
    },
    queue: ['SendMessage', 'ChangeMessageVisibility'],
  },
  'dead-letter': {
    tables: {
      scopeLog: ['GetItem', 'Query', 'UpdateItem'],
      entities: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'],
      syncConflicts: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
      offlineActionsLog: ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem'],
      uploadInbox: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
    },
    queue: ['SendMessage'],
  },
  sweeper: {
    tables: {
      uploadInbox: ['GetItem', 'BatchGetItem', 'Query', 'QueryIndex', 'UpdateItem'],
      scopeLog: ['GetItem', 'Query', 'Scan'],
    },
    queue: ['SendMessage'],
  },
} as const satisfies Record<string, Access>;

/** Every Lambda: one file `functions/<name>.ts` each. */
export type FunctionName = keyof typeof ACCESS;

/** Tables that have an index, from the key layout that the runtime uses too. */
export type IndexedTable = { [T in TableName]: (typeof TABLE_KEYS)[T] extends { index: unknown } ? T : never }[TableName];
