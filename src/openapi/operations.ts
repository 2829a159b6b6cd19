import type * as z from 'zod/mini';
import type { RouteKey } from '../http/routes.ts';
import { attachmentQuery } from '../protocol/attachment.ts';
import { conflictsQuery } from '../protocol/conflict.ts';
import { downloadQuery } from '../protocol/download.ts';
import type { ErrorCode } from '../protocol/error-codes.ts';
import { statusQuery } from '../protocol/status.ts';
import { actionsQuery } from '../protocol/upload.ts';
import type { SchemaName } from './components.ts';

/** What an answer carries: a named schema, one made elsewhere in the document, a file of this type, or nothing. */
export type Content = { schema: SchemaName | 'AdminQueryResponse' | 'ConflictProblem' } | { file: string } | { empty: true };

export type Operation = {
  id: string;
  tag: 'Sync' | 'Admin' | 'Service';
  summary: string;
  description: string;
  query?: z.ZodMiniType;
  /** Names of segments of the path, with what they are. */
  path?: Readonly<Record<string, string>>;
  prefer?: 'outcomes' | 'wait';
  body?: SchemaName;
  answers: Readonly<Record<number, Content & { description: string }>>;
  /** Codes that this route refuses with, besides those of every route with a token. */
  codes: readonly ErrorCode[];
  /** Anyone may call it. */
  public?: true;
};

const OF_BODIES = ['malformed_request', 'malformed_json', 'too_large', 'unsupported_media_type', 'validation_failed'] as const;
const NOT_MODIFIED = { 304: { empty: true, description: 'As the caller has it already (`If-None-Match`).' } } as const;

/** Every route of the API, in the order of the document. */
export const OPERATIONS: Readonly<Record<RouteKey, Operation>> = {
  'POST /api/v1/sync/upload': {
    id: 'upload',
    tag: 'Sync',
    summary: 'Send what users did',
    description:
      'Takes up to 500 actions of one device. Sending again is safe: an action takes effect once. One bad action never fails '
      + 'the others; only a fault of the envelope, or a missing, malformed or repeated `client_id`, refuses the whole upload, '
      + 'with nothing stored. The body may be sent with `Content-Encoding: gzip`.',
    prefer: 'outcomes',
    body: 'UploadRequest',
    answers: {
      200: { schema: 'UploadResponse', description: 'Every result is final. The next download of its scope contains it.' },
      202: { schema: 'UploadResponse', description: 'Accepted and durable; at least one action is `queued`.' },
    },
    codes: [...OF_BODIES, 'too_many_pending', 'too_many_devices'],
  },
  'GET /api/v1/sync/download': {
    id: 'download',
    tag: 'Sync',
    summary: 'Get what changed',
    description:
      'One page of changes since a cursor; without one, everything that the caller may see. Apply a record only if its '
      + '`version` is not older than what you hold under (scope, home, type, entity_id). Ask again while `has_more`.',
    query: downloadQuery,
    answers: { 200: { schema: 'DownloadResponse', description: 'A page, maybe empty.' } },
    codes: ['validation_failed', 'too_many_devices'],
  },
  'GET /api/v1/sync/status': {
    id: 'status',
    tag: 'Sync',
    summary: 'Where a device stands',
    description: 'Counts and times of one device of the caller. A device never seen has zeros and nulls.',
    query: statusQuery,
    answers: { 200: { schema: 'StatusResponse', description: 'The state of the device.' } },
    codes: ['validation_failed'],
  },
  'GET /api/v1/sync/conflicts': {
    id: 'listConflicts',
    tag: 'Sync',
    summary: 'List conflicts',
    description: 'The caller\'s own conflicts, unresolved ones unless asked otherwise.',
    query: conflictsQuery,
    answers: { 200: { schema: 'ConflictsResponse', description: 'A page of conflicts.' } },
    codes: ['malformed_request', 'validation_failed'],
  },
  'POST /api/v1/sync/resolve-conflict': {
    id: 'resolveConflict',
    tag: 'Sync',
    summary: 'Settle a conflict',
    description:
      'By the owner of the action, or an admin. The decision makes a new version, which every device downloads. The same '
      + 'decision by the same caller again answers 200 again.',
    prefer: 'wait',
    body: 'ResolveRequest',
    answers: {
      200: { schema: 'ResolveResponse', description: 'Settled.' },
      409: { schema: 'ConflictProblem', description: 'It was settled otherwise, or has changed since it was shown.' },
    },
    codes: [...OF_BODIES, 'not_found', 'already_resolved', 'conflict_changed'],
  },
  'GET /api/v1/sync/actions': {
    id: 'lookUpActions',
    tag: 'Sync',
    summary: 'Results of earlier actions',
    description: 'For actions whose answer was lost, or that were queued: 1 to 100 ids, joined by commas.',
    query: actionsQuery,
    answers: { 200: { schema: 'ActionsResponse', description: 'One result per id.' } },
    codes: ['validation_failed'],
  },
  'GET /api/v1/sync/records/{entity_type}/{entity_id}': {
    id: 'getRecord',
    tag: 'Sync',
    summary: 'One record',
    description: 'For deep links and conflict screens. What does not exist and what the caller may not see are the same 404.',
    path: { entity_type: 'Type of the record.', entity_id: 'Its id, or its integer `server_id`.' },
    answers: { 200: { schema: 'RecordResponse', description: 'The record, or what became of it.' } },
    codes: ['not_found'],
  },
  'POST /api/v1/sync/attachments': {
    id: 'announceAttachment',
    tag: 'Sync',
    summary: 'Announce an attachment',
    description:
      'Answers with a link that takes just these bytes: their size, type and SHA-256 are part of its signature. Send them with '
      + 'the method and headers given, before `expires_at`. Asking again with the same `client_id` is safe and gives a fresh '
      + 'link while the bytes are awaited. The id may be added to a record before or after they arrived.',
    body: 'AttachmentRequest',
    answers: { 200: { schema: 'AttachmentResponse', description: 'Where to send it; without `upload` it is here already, or was refused.' } },
    codes: [...OF_BODIES, 'client_id_reused', 'too_many_attachments'],
  },
  'GET /api/v1/sync/attachments/{attachment_id}': {
    id: 'getAttachment',
    tag: 'Sync',
    summary: 'A link to an attachment',
    description: 'For who sees the record that names it, once it is `ready`. Everything else is the same 404.',
    path: { attachment_id: 'Its id.' },
    query: attachmentQuery,
    answers: { 200: { schema: 'AttachmentLink', description: 'A link that anyone can use until it expires.' } },
    codes: ['not_found', 'validation_failed'],
  },
  'POST /api/v1/admin/query': {
    id: 'adminQuery',
    tag: 'Admin',
    summary: 'Reports for admins',
    description:
      'One page of a report. A page may be short, or even empty, and still have a `next_cursor`. Lists over everybody come '
      + 'from indexes and lag by a moment.',
    body: 'AdminQueryRequest',
    answers: { 200: { schema: 'AdminQueryResponse', description: 'Rows with the columns of the query.' } },
    codes: OF_BODIES,
  },
  'POST /api/v1/admin/redrive': {
    id: 'redrive',
    tag: 'Admin',
    summary: 'Dead batches: try again, or discard',
    description: 'Ids that are no longer dead are passed over. What waits behind a batch goes on.',
    body: 'RedriveRequest',
    answers: { 200: { schema: 'RedriveResponse', description: 'How many were changed.' } },
    codes: OF_BODIES,
  },
  'GET /healthz': {
    id: 'health',
    tag: 'Service',
    summary: 'Liveness',
    description: 'Answers if the service runs at all; it touches no database.',
    answers: { 200: { schema: 'HealthResponse', description: 'It runs.' } },
    codes: [],
    public: true,
  },
  'GET /openapi.json': {
    id: 'openapi',
    tag: 'Service',
    summary: 'This document',
    description: 'Made from the schemas that validate.',
    answers: { 200: { file: 'application/json', description: 'OpenAPI 3.1.' }, ...NOT_MODIFIED },
    codes: [],
    public: true,
  },
  'GET /docs': {
    id: 'docs',
    tag: 'Service',
    summary: 'This document as a page',
    description: 'Needs nothing from elsewhere.',
    answers: { 200: { file: 'text/html', description: 'The page.' }, ...NOT_MODIFIED },
    codes: [],
    public: true,
  },
  'GET /docs/{file}': {
    id: 'docsFile',
    tag: 'Service',
    summary: 'Files and further pages of the documentation',
    description: '`errors` explains every code, `protocol` the whole contract; the rest belongs to the pages.',
    path: { file: 'Name of the file.' },
    answers: { 200: { file: '*/*', description: 'The file.' }, ...NOT_MODIFIED },
    codes: ['not_found'],
    public: true,
  },
};
