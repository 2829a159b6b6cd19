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
  /** On connections of the WebSocket API, by method: `POST` sends to one, `DELETE` closes it. */
  readonly sockets?: readonly ('POST' | 'DELETE')[];
  /** On objects of the bucket, by the beginning of their keys. */
  readonly bucket?: { readonly [P in 'incoming' | 'photos']?: readonly ('GetObject' | 'PutObject' | 'DeleteObject')[] } & { readonly lists?: true };
  /** Gets the names of the token's issuer, audience and key set. */
  readonly verifiesTokens?: true;
}

/** Reads of rows whose keys are known: one alone, or many at once. */
const ROWS = ['GetItem', 'BatchGetItem'] as const;

/**
 * The access matrix: every function gets exactly these actions on exactly these tables, and the environment
 * variables of just these tables. A call that is missing here fails as AccessDenied when deployed, and in the local
 * stack as well, which reads the policies of the template: edit this table together with the function.
 */
export const ACCESS = {
  upload: {
    tables: {
      clientSyncState: ['GetItem', 'Query', 'UpdateItem'],
      uploadInbox: ['GetItem', 'Query', 'PutItem', 'UpdateItem'],
      offlineActionsLog: ROWS,
      syncConflicts: ROWS,
      entities: [...ROWS, 'Query'],
      scopeLog: ['GetItem'],
    },
    queue: ['SendMessage'],
    verifiesTokens: true,
  },
  download: {
    tables: {
      clientSyncState: ['GetItem', 'Query', 'PutItem', 'UpdateItem'],
      entities: ['Query'],
      scopeLog: ['GetItem', 'Query'],
    },
    verifiesTokens: true,
  },
  status: {
    tables: {
      clientSyncState: ['GetItem'],
      uploadInbox: ['Query'],
      syncConflicts: ['Query'],
      offlineActionsLog: ROWS,
    },
    verifiesTokens: true,
  },
  records: {
    tables: {
      clientSyncState: ['Query'],
      uploadInbox: ['Query'],
      offlineActionsLog: ROWS,
      syncConflicts: ROWS,
      entities: [...ROWS, 'Query'],
      scopeLog: ['GetItem'],
    },
    verifiesTokens: true,
  },
  conflicts: {
    tables: {
      syncConflicts: ['Query'],
      entities: ROWS,
    },
    verifiesTokens: true,
  },
  // Its links are as strong as its own rights.
  attachments: {
    tables: {
      attachments: ['GetItem', 'PutItem', 'UpdateItem'],
      entities: [...ROWS, 'Query'],
    },
    bucket: { incoming: ['PutObject', 'GetObject'], photos: ['GetObject'] },
    verifiesTokens: true,
  },
  'attachment-check': {
    tables: {
      attachments: ['GetItem', 'QueryIndex', 'UpdateItem', 'DeleteItem'],
      uploadInbox: ['GetItem', 'PutItem'],
      offlineActionsLog: ['GetItem'],
    },
    bucket: { incoming: ['GetObject', 'DeleteObject'], photos: ['PutObject', 'DeleteObject'], lists: true },
    queue: ['SendMessage'],
  },
  'resolve-conflict': {
    tables: {
      uploadInbox: ['GetItem', 'Query', 'PutItem', 'UpdateItem'],
      offlineActionsLog: ROWS,
      syncConflicts: ROWS,
      entities: ROWS,
      scopeLog: ['GetItem'],
    },
    queue: ['SendMessage'],
    verifiesTokens: true,
  },
  'admin-query': {
    tables: {
      clientSyncState: ['GetItem', 'Query', 'Scan'],
      uploadInbox: [...ROWS, 'Query', 'QueryIndex', 'UpdateItem'],
      offlineActionsLog: [...ROWS, 'Query'],
      syncConflicts: [...ROWS, 'Query', 'QueryIndex'],
      entities: [...ROWS, 'Query'],
      scopeLog: ['GetItem', 'Query'],
      usage: ['Query'],
    },
    queue: ['SendMessage'],
    verifiesTokens: true,
  },
  health: { tables: {} },
  docs: { tables: {} },
  worker: {
    tables: {
      uploadInbox: [...ROWS, 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
      attachments: [...ROWS, 'UpdateItem'],
      offlineActionsLog: [...ROWS, 'PutItem'],
      syncConflicts: [...ROWS, 'PutItem'],
      entities: [...ROWS, 'PutItem', 'UpdateItem'],
      scopeLog: ['GetItem', 'Query', 'PutItem', 'UpdateItem'],
    },
    queue: ['SendMessage', 'ChangeMessageVisibility'],
  },
  // This one and the sweeper also redo the tail of a log: they write views, and never a commit.
  'dead-letter': {
    tables: {
      uploadInbox: ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
      attachments: ['GetItem', 'UpdateItem'],
      offlineActionsLog: [...ROWS, 'PutItem'],
      syncConflicts: ['PutItem'],
      entities: ['PutItem'],
      scopeLog: ['GetItem', 'Query', 'UpdateItem'],
    },
    queue: ['SendMessage'],
  },
  // Reading streams comes with the event source mappings.
  usage: { tables: { usage: ['GetItem', 'UpdateItem'], scopeLog: ['Query'] } },
  sweeper: {
    tables: {
      uploadInbox: [...ROWS, 'QueryIndex', 'PutItem', 'UpdateItem'],
      attachments: ['GetItem', 'UpdateItem'],
      offlineActionsLog: ['PutItem'],
      syncConflicts: ['PutItem'],
      entities: ['PutItem'],
      scopeLog: ['GetItem', 'Query', 'Scan', 'UpdateItem'],
    },
    queue: ['SendMessage'],
  },
  live: {
    tables: { connections: ['GetItem', 'Query', 'BatchWriteItem'] },
    sockets: ['DELETE'],
    verifiesTokens: true,
  },
  // Reading the stream of the log's keys comes with the event source mapping.
  notify: {
    tables: { connections: ['GetItem', 'Query', 'BatchWriteItem'] },
    sockets: ['POST', 'DELETE'],
  },
} as const satisfies Record<string, Access>;

/** Every Lambda: one file `functions/<name>.ts` each. */
export type FunctionName = keyof typeof ACCESS;

/** Tables that have an index, from the key layout that the runtime uses too. */
export type IndexedTable = { [T in TableName]: (typeof TABLE_KEYS)[T] extends { index: unknown } ? T : never }[TableName];
