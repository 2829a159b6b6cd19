import type { Json } from '../../../src/protocol/json.ts';
import { ADMIN_QUERIES } from '../../../src/protocol/admin.ts';
import type { TokenRoute } from '../../support/edge.ts';

/** Who sends a request: names of `plant`'s people. */
export type Sender = 'alice' | 'olga' | 'root';

/** What was planted before, as far as requests can name it. */
export type Seeds = {
  cursor: string;
  since: string;
  conflictId: string;
  conflictsCursor: string;
  adminCursor: string;
  serverId: number;
  batchRef: string;
  attachmentId: string;
  department: string;
  subs: Readonly<Record<Sender | 'bob', string>>;
};

/** A request that is answered with 200, or would be if what it names were there. */
export type Sample = { route: TokenRoute; from: Sender; path?: readonly string[]; query?: Readonly<Record<string, string>>; body?: Json };

/** Of what an attachment is said to hold. */
export const SHA256 = 'a'.repeat(64);

/** Valid requests for every route. */
export function samplesOf(seeds: Seeds): readonly Sample[] {
  const { subs, department } = seeds;
  const time = '2029-12-31T23:00:00Z';
  const upload = (from: Sender, ...actions: Json[]): Sample => ({
    route: 'POST /api/v1/sync/upload',
    from,
    body: { device_id: 'phone', last_sync_timestamp: seeds.since, conflict_strategy: 'merge', device_info: { platform: 'ios', app_version: '1' }, actions },
  });
  const admin = (query: string, params: Json = {}): Sample => ({
    route: 'POST /api/v1/admin/query', from: 'root', body: { query, params, limit: 10, cursor: query === 'sync_activity' ? seeds.adminCursor : null },
  });
  return [
    upload('alice',
      { client_id: 'n-1', action_type: 'create_report', entity_type: 'report', timestamp: time, priority: 3, data: { title: 'Pothole', description: 'Large', category: department, latitude: 1.5, longitude: -2, tags: ['a', 'b'], photos: [seeds.attachmentId] } },
      { client_id: 'n-2', action_type: 'update_profile', entity_type: 'profile', data: { name: 'Alice', language: 'de', notifications: true } }),
    upload('alice',
      { client_id: 'n-3', action_type: 'update_report', entity_type: 'report', entity_id: 'r-1', home: `user:${subs.alice}`, base_version: 1, base: { title: 'Old' }, timestamp: time, data: { title: 'New', tags: { $add: ['c'] }, description: null }, conflict_strategy: 'client_wins', schema_version: 2 },
      { client_id: 'n-4', action_type: 'update_task', entity_type: 'task', entity_id: 't-1', home: `department:${department}`, data: { notes: 'Seen', visits: { $inc: 1 } } },
      { client_id: 'n-5', action_type: 'delete_report', entity_type: 'report', entity_id: seeds.serverId, timestamp: time }),
    upload('olga',
      { client_id: 'n-6', action_type: 'create_task', entity_type: 'task', entity_id: 't-2', data: { department, title: 'Fill', assignee: subs.bob, due_date: '2030-01-01', report_id: 'r-1' } },
      { client_id: 'n-7', action_type: 'update_report', entity_type: 'report', entity_id: 'r-1', data: { status: 'in_progress', resolution_note: 'On it' } }),
    { route: 'GET /api/v1/sync/download', from: 'alice', query: { device_id: 'phone', cursor: seeds.cursor, limit: '3' } },
    { route: 'GET /api/v1/sync/download', from: 'olga', query: { device_id: 'desk', cursor: seeds.cursor } },
    { route: 'GET /api/v1/sync/download', from: 'alice', query: { device_id: 'phone', since: seeds.since, types: 'report,task' } },
    { route: 'GET /api/v1/sync/status', from: 'alice', query: { device_id: 'phone' } },
    { route: 'GET /api/v1/sync/actions', from: 'alice', query: { device_id: 'phone', client_ids: 'a-1,a-2,nothing' } },
    { route: 'GET /api/v1/sync/records/{entity_type}/{entity_id}', from: 'alice', path: ['report', 'r-1'] },
    { route: 'GET /api/v1/sync/records/{entity_type}/{entity_id}', from: 'olga', path: ['task', 't-1'] },
    { route: 'GET /api/v1/sync/records/{entity_type}/{entity_id}', from: 'alice', path: ['report', String(seeds.serverId)] },
    { route: 'GET /api/v1/sync/conflicts', from: 'alice', query: { device_id: 'tablet', status: 'all', limit: '1', cursor: seeds.conflictsCursor } },
    { route: 'POST /api/v1/sync/resolve-conflict', from: 'alice', body: { conflict_id: seeds.conflictId, strategy: 'manual', resolved_data: { title: 'Both' }, server_version: 3 } },
    { route: 'POST /api/v1/sync/resolve-conflict', from: 'root', body: { conflict_id: seeds.conflictId, strategy: 'client_wins' } },
    { route: 'POST /api/v1/sync/attachments', from: 'alice', body: { client_id: 'p-1', content_type: 'image/jpeg', size: 3, sha256: SHA256 } },
    { route: 'POST /api/v1/sync/attachments', from: 'alice', body: { client_id: 'p-2', content_type: 'image/png', size: 10_485_760, sha256: SHA256 } },
    { route: 'GET /api/v1/sync/attachments/{attachment_id}', from: 'alice', path: [seeds.attachmentId], query: { entity_id: 'r-2' } },
    { route: 'GET /api/v1/sync/attachments/{attachment_id}', from: 'olga', path: [seeds.attachmentId], query: { entity_id: String(seeds.serverId) } },
    admin('action', { user: subs.alice, client_id: 'a-1' }),
    admin('batch', { batch_id: seeds.batchRef }),
    admin('sync_activity', { status: 'good', details: true }),
    ...ADMIN_QUERIES.map((query) => admin(query, { user: subs.alice, device_id: 'tablet', entity_type: 'report', entity_id: 'r-1', home: `user:${subs.alice}`, since: '2020-01-01T00:00:00Z', until: null })),
    { route: 'POST /api/v1/admin/redrive', from: 'root', body: { batch_ids: [seeds.batchRef], all: null, discard: false } },
    { route: 'POST /api/v1/admin/redrive', from: 'root', body: { all: true } },
  ];
}
