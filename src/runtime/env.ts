/**
 * The names that infrastructure (`lib/`) and runtime (`compose.ts`, `report.ts`) share: the only file both import.
 * A name here is an environment variable of a function, an attribute of a key, an index, or where metrics are.
 */

/** Environment variables that hold a table's name. */
export const TABLE_ENV = {
  clientSyncState: 'TABLE_CLIENT_SYNC_STATE',
  syncConflicts: 'TABLE_SYNC_CONFLICTS',
  offlineActionsLog: 'TABLE_OFFLINE_ACTIONS_LOG',
  scopeLog: 'TABLE_SCOPE_LOG',
  entities: 'TABLE_ENTITIES',
  uploadInbox: 'TABLE_UPLOAD_INBOX',
  connections: 'TABLE_CONNECTIONS',
  attachments: 'TABLE_ATTACHMENTS',
  usage: 'TABLE_USAGE',
} as const;

export type TableName = keyof typeof TABLE_ENV;

/** Other environment variables of the functions. */
export const ENV = {
  /** Name of the bucket of attachments. */
  bucket: 'BUCKET',
  /** URL of the FIFO work queue. */
  queueUrl: 'QUEUE_URL',
  /** `iss` that a token must carry. */
  tokenIssuer: 'TOKEN_ISSUER',
  /** `aud` that a token must carry. */
  tokenAudience: 'TOKEN_AUDIENCE',
  /** URL of the issuer's JWKS. */
  tokenJwksUrl: 'TOKEN_JWKS_URL',
  /** Epoch of the logs, a whole number from 0; raised by ops after a point-in-time restore (design 4, Restore). */
  epoch: 'EPOCH',
  /** `maxReceiveCount` of the work queue. */
  maxReceiveCount: 'MAX_RECEIVE_COUNT',
  /** Visibility timeout of the work queue in seconds. */
  visibilitySeconds: 'VISIBILITY_SECONDS',
  /** Name of the stage: `dev`, `prod`, … */
  stage: 'STAGE',
  /** URL at which the connections of the WebSocket API are managed. */
  liveEndpoint: 'LIVE_ENDPOINT',
} as const;

/** Where the functions' metrics appear, and alarms look for them; their dimension `service` is POWERTOOLS_SERVICE_NAME. */
export const METRICS_NAMESPACE = 'Fieldsync';

/** Key schema of every table; TTL attribute and indexes where there are any. Types: S = string, N = number. */
export const TABLE_KEYS = {
  clientSyncState: { partition: { name: 'user', type: 'S' }, sort: { name: 'device_id', type: 'S' } },
  syncConflicts: {
    partition: { name: 'user', type: 'S' },
    sort: { name: 'conflict_id', type: 'S' },
    /** Sparse, keys only: rows that carry `open` are unresolved conflicts (for admins). */
    index: { name: 'by_open', partition: { name: 'open', type: 'S' }, sort: { name: 'detected_at', type: 'S' } },
  },
  offlineActionsLog: { partition: { name: 'user', type: 'S' }, sort: { name: 'client_id', type: 'S' } },
  scopeLog: { partition: { name: 'scope', type: 'S' }, sort: { name: 'n', type: 'N' }, ttl: 'expires_at' },
  entities: { partition: { name: 'scope', type: 'S' }, sort: { name: 'key', type: 'S' }, ttl: 'expires_at' },
  uploadInbox: {
    partition: { name: 'owner', type: 'S' },
    sort: { name: 'batch_id', type: 'S' },
    /** Sparse, keys only: batches and parked notes by state (in parts: ADR 9) and the time (ms) at which they are due. */
    index: { name: 'by_due', partition: { name: 'due', type: 'S' }, sort: { name: 'due_at', type: 'N' } },
  },
  /** By scope, and (`~…`) by id, user and minute of the end. */
  connections: { partition: { name: 'place', type: 'S' }, sort: { name: 'connection_id', type: 'S' }, ttl: 'expires_at' },
  attachments: {
    partition: { name: 'attachment_id', type: 'S' },
    ttl: 'expires_at',
    /** Sparse, keys only: what is to be looked at, and when (ms). */
    index: { name: 'by_due', partition: { name: 'due', type: 'S' }, sort: { name: 'due_at', type: 'N' } },
  },
  usage: { partition: { name: 'day', type: 'S' }, sort: { name: 'part', type: 'S' }, ttl: 'expires_at' },
} as const;
