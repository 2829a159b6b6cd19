import type { ActionResult } from '../../../src/protocol/upload.ts';
import type { WireConflict } from '../../../src/protocol/conflict.ts';
import { batchRef } from '../../../src/service/batch-ref.ts';
import type { Json } from '../../../src/protocol/json.ts';
import { SHA256, type Seeds, type Sender } from '../input/samples.ts';

/** Sends a good request for someone and gives the body of its 2xx answer. */
export type Send = (from: Sender | 'bob', method: 'GET' | 'POST', path: string, body?: Json) => Promise<unknown>;

/**
 * Gives every request something to find: reports of alice and bob, a task of olga's department that alice works on, an
 * open conflict of alice's tablet, an attachment that r-2 names, cursors of all kinds.
 */
export async function plant(send: Send, subs: Seeds['subs'], department: string): Promise<Seeds> {
  const upload = async (from: Sender | 'bob', device: string, ...actions: Json[]): Promise<ActionResult[]> => {
    const body = { device_id: device, actions };
    return ((await send(from, 'POST', '/api/v1/sync/upload', body)) as { results: ActionResult[] }).results;
  };
  const report = (id: string) => ({ client_id: id, action_type: 'create_report', entity_type: 'report', data: { title: 'Old', category: department } });
  const rename = (id: string, title: string) => ({ client_id: id, action_type: 'update_report', entity_type: 'report', entity_id: 'r-1', base_version: 1, data: { title } });
  const [first] = await upload('alice', 'phone', report('r-1'), report('r-2'));
  await upload('bob', 'phone', report('b-1'));
  await upload('olga', 'desk', { client_id: 't-1', action_type: 'create_task', entity_type: 'task', data: { department, title: 'Look', assignee: subs.alice } });
  await upload('alice', 'phone', rename('a-1', 'Phone'));
  await upload('alice', 'tablet', rename('a-2', 'Tablet'));
  const { attachment_id: attachmentId } = (await send('alice', 'POST', '/api/v1/sync/attachments', { client_id: 'p-1', content_type: 'image/jpeg', size: 3, sha256: SHA256 })) as { attachment_id: string };
  await upload('alice', 'phone', { client_id: 'a-3', action_type: 'update_report', entity_type: 'report', entity_id: 'r-2', data: { photos: [attachmentId] } });
  const page = (await send('alice', 'GET', '/api/v1/sync/download?device_id=phone&limit=1')) as { cursor: string; sync_timestamp: string };
  const { conflicts } = (await send('alice', 'GET', '/api/v1/sync/conflicts')) as { conflicts: WireConflict[] };
  return {
    subs,
    department,
    attachmentId,
    cursor: page.cursor,
    since: page.sync_timestamp,
    conflictId: conflicts[0]?.id ?? '',
    conflictsCursor: place('conflicts', '0', ''),
    adminCursor: place('sync_activity', '', 'x'),
    serverId: first?.server_id ?? 0,
    batchRef: batchRef({ user: subs.alice, device: 'phone' }, '000000000000001-000'),
  };
}

/** As lists write their cursors. */
function place(list: string, after: string, last: string): string {
  return Buffer.from(JSON.stringify([list, after, last])).toString('base64url');
}
