import type { FunctionName } from './access.ts';

export interface FunctionSpec {
  readonly description: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  /** Route keys of the HTTP API that this function answers. */
  readonly routes?: readonly string[];
  /** Route keys of the WebSocket API that this function answers. */
  readonly liveRoutes?: readonly string[];
  /** The table whose stream feeds it. */
  readonly follows?: 'scopeLog';
  /** Tables whose changes it counts. */
  readonly counts?: readonly ('scopeLog' | 'clientSyncState')[];
  /** The queue that feeds it. */
  readonly consumes?: 'work' | 'deadLetters';
  /** It is told of every object that comes below this place of the bucket. */
  readonly hearsOf?: 'incoming';
  /** It is started by a schedule, every so many minutes. */
  readonly everyMinutes?: number;
}

/** Just below the 30 s after which an HTTP API gives up, so that a function answers for itself. */
const HTTP_SECONDS = 29;
/**
 * A worker stops itself before this. It is short because the queue's visibility timeout is six times as long, and that
 * is how long a scope waits for a worker that vanished without a word.
 */
const WORKER_SECONDS = 30;
/** CPU comes with memory: below about 1 GB a cold start is what a phone waits for. */
const MEMORY_MB = 1024;

/** What each function is, and what starts it. What it may touch stands in access.ts. */
export const FUNCTIONS: { readonly [F in FunctionName]: FunctionSpec } = {
  upload: {
    description: 'Accepts actions of a device into the inbox, queues them and waits for their outcomes',
    routes: ['POST /api/v1/sync/upload'],
    timeoutSeconds: HTTP_SECONDS,
    memoryMb: MEMORY_MB,
  },
  download: {
    description: 'Pages of changes since a cursor',
    routes: ['GET /api/v1/sync/download'],
    timeoutSeconds: HTTP_SECONDS,
    memoryMb: MEMORY_MB,
  },
  status: {
    description: 'Sync state of one device',
    routes: ['GET /api/v1/sync/status'],
    timeoutSeconds: HTTP_SECONDS,
    memoryMb: MEMORY_MB,
  },
  records: {
    description: 'Single records, and outcomes of earlier actions',
    routes: ['GET /api/v1/sync/actions', 'GET /api/v1/sync/records/{entity_type}/{entity_id}'],
    timeoutSeconds: HTTP_SECONDS,
    memoryMb: MEMORY_MB,
  },
  conflicts: {
    description: 'Lists conflicts of the caller',
    routes: ['GET /api/v1/sync/conflicts'],
    timeoutSeconds: HTTP_SECONDS,
    memoryMb: MEMORY_MB,
  },
  attachments: {
    description: 'Links to send attachments, and to see them',
    routes: ['POST /api/v1/sync/attachments', 'GET /api/v1/sync/attachments/{attachment_id}'],
    timeoutSeconds: HTTP_SECONDS,
    memoryMb: MEMORY_MB,
  },
  'attachment-check': {
    description: 'Checks what was sent, tells the records that name it, removes what none names any more',
    hearsOf: 'incoming',
    everyMinutes: 1,
    timeoutSeconds: 55,
    memoryMb: 512,
  },
  'resolve-conflict': {
    description: 'Puts the decision about a conflict into the inbox and waits for it',
    routes: ['POST /api/v1/sync/resolve-conflict'],
    timeoutSeconds: HTTP_SECONDS,
    memoryMb: MEMORY_MB,
  },
  'admin-query': {
    description: 'Reports for admins and redrive of dead batches; ops may invoke it directly',
    routes: ['POST /api/v1/admin/query', 'POST /api/v1/admin/redrive'],
    timeoutSeconds: HTTP_SECONDS,
    memoryMb: MEMORY_MB,
  },
  health: {
    description: 'Liveness, and the problem documents for unknown routes',
    routes: ['GET /healthz', '$default'],
    timeoutSeconds: 10,
    memoryMb: 512,
  },
  docs: {
    description: 'The OpenAPI document and the pages that show it',
    routes: ['GET /openapi.json', 'GET /docs', 'GET /docs/{file}'],
    timeoutSeconds: 10,
    memoryMb: 512,
  },
  worker: {
    description: 'Applies queued batches to the log of their scope',
    consumes: 'work',
    timeoutSeconds: WORKER_SECONDS,
    memoryMb: MEMORY_MB,
  },
  'dead-letter': {
    description: 'Settles what the work queue gave up on: finished, pending again, or dead',
    consumes: 'deadLetters',
    timeoutSeconds: WORKER_SECONDS,
    memoryMb: MEMORY_MB,
  },
  usage: {
    description: 'Counts by day what became of actions, and what devices did, as the tables tell it',
    counts: ['scopeLog', 'clientSyncState'],
    timeoutSeconds: 60,
    memoryMb: 512,
  },
  sweeper: {
    description: 'Queues pending batches again that no message is left for',
    everyMinutes: 1,
    timeoutSeconds: 55,
    memoryMb: 512,
  },
  live: {
    description: 'Who listens: verifies tokens at $connect, answers pings, forgets who hung up',
    liveRoutes: ['$connect', '$disconnect', '$default'],
    timeoutSeconds: 10,
    // Nobody waits for it: phones download meanwhile, and most of what it does is answering pings.
    memoryMb: 512,
  },
  notify: {
    description: 'Pokes those who listen to a scope that changed, and closes connections whose token has expired',
    follows: 'scopeLog',
    everyMinutes: 1,
    // What waits behind a run that takes long are pokes of other scopes: it drops its rest before that.
    timeoutSeconds: 20,
    // A poke is 0.3 ms of a processor: 500 of them want more than a third of one.
    memoryMb: MEMORY_MB,
  },
};
