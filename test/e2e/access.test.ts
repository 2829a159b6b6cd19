import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalStack } from '../../local/stack-types.ts';
import { startStack } from '../../local/stack.ts';

// The access matrix (lib/access.ts) is enough for everything the functions do: the local stack refuses what the roles
// of the template do not allow, and this test goes through every function and most of what each can do.

const dataDir = mkdtempSync(join(tmpdir(), 'fieldsync-access-'));
let stack: LocalStack;
let alice: string;
/** Events of the bucket get lost. */
let deaf = false;
let root: string;
beforeAll(async () => {
  stack = await startStack({
    port: 0,
    dataDir,
    inMemory: true,
    chaos: { hear: async (_, event, invoke) => (deaf ? { kind: 'failed', reason: 'crash', message: 'nobody heard' } : invoke(event)) },
  });
  alice = await stack.token({ sub: 'alice', role: 'citizen' });
  root = await stack.token({ sub: 'root', role: 'admin' });
}, 60_000);
afterAll(async () => {
  await stack?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function call(token: string, path: string, body?: unknown): Promise<any> {
  const response = await fetch(`${stack.url}/api/v1${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', prefer: 'wait=20' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer = await response.json() as object;
  expect({ path, status: response.status, answer }).toMatchObject({ path, status: 200 });
  return answer;
}

const upload = (device: string, action: object) => call(alice, '/sync/upload', { device_id: device, actions: [action] });

describe('what the roles allow', () => {
  it('is enough for a conflict from upload to decision, on two devices', async () => {
    await upload('one', { client_id: 'c1', action_type: 'create_report', entity_type: 'report', data: { title: 'A', category: 'roads' } });
    const { cursor, sync_timestamp: since } = await call(alice, '/sync/download?device_id=one');
    await upload('one', { client_id: 'u1', action_type: 'update_report', entity_type: 'report', entity_id: 'c1', base_version: 1, data: { title: 'B' } });
    const { results } = await upload('two', { client_id: 'u2', action_type: 'update_report', entity_type: 'report', entity_id: '1', base_version: 1, data: { title: 'C' } });
    expect(results[0]).toMatchObject({ status: 'conflict' });
    await upload('two', { client_id: 'u2', action_type: 'update_report', entity_type: 'report', entity_id: '1', base_version: 1, data: { title: 'C' } });
    await call(alice, `/sync/download?device_id=one&since=${since}`);
    await call(alice, `/sync/download?device_id=one&cursor=${cursor}`);
    await call(alice, '/sync/status?device_id=one');
    await call(alice, '/sync/actions?device_id=one&client_ids=c1,u1,u2,never');
    await call(alice, '/sync/records/report/c1');
    await call(alice, '/sync/records/report/1');
    const { conflicts } = await call(alice, '/sync/conflicts?status=all');
    await call(root, '/sync/resolve-conflict', { conflict_id: conflicts[0].id, strategy: 'client_wins' });
    await upload('one', { client_id: 'd1', action_type: 'delete_report', entity_type: 'report', entity_id: 'c1' });
    expect(stack.refusals).toEqual([]);
  }, 60_000);

  it('is enough for photos: announced, sent, named, checked, seen, looked for, deleted', async () => {
    const bytes = Buffer.from('a photo');
    const announced = { client_id: 'p1', content_type: 'image/png', size: bytes.length, sha256: createHash('sha256').update(bytes).digest('base64') };
    const photo = await call(alice, '/sync/attachments', announced);
    await upload('one', { client_id: 'c2', action_type: 'create_report', entity_type: 'report', data: { title: 'A', category: 'roads', photos: [photo.attachment_id] } });
    const early = await fetch(`${stack.url}/api/v1/sync/attachments/${photo.attachment_id}?entity_id=c2`, { headers: { authorization: `Bearer ${alice}` } });
    expect(early.status).toBe(404);
    const { url, method, headers } = photo.upload;
    expect((await fetch(url, { method, headers, body: bytes })).status).toBe(200);
    await expect.poll(async () => (await call(alice, '/sync/records/report/c2')).record.attachment_states, { timeout: 20_000 })
      .toEqual({ [photo.attachment_id]: 'ready' });
    const link = await call(alice, `/sync/attachments/${photo.attachment_id}?entity_id=c2`);
    expect(Buffer.from(await (await fetch(link.url)).arrayBuffer())).toEqual(bytes);
    expect(await call(alice, '/sync/attachments', announced)).toMatchObject({ state: 'ready', upload: null });
    await upload('one', { client_id: 'd2', action_type: 'delete_report', entity_type: 'report', entity_id: 'c2' });
    // One that nobody sent is looked for as well.
    await call(alice, '/sync/attachments', { ...announced, client_id: 'p2' });
    expect(await stack.invoke('attachment-check', {})).toMatchObject({ failed: 0 });
    expect(stack.refusals).toEqual([]);
  }, 60_000);

  it('is enough for a photo whose arrival nobody was told of', async () => {
    const bytes = Buffer.from('another photo');
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const photo = await call(alice, '/sync/attachments', { client_id: 'p3', content_type: 'image/webp', size: bytes.length, sha256 });
    deaf = true;
    expect((await fetch(photo.upload.url, { method: 'PUT', headers: photo.upload.headers, body: bytes })).status).toBe(200);
    deaf = false;
    await upload('one', { client_id: 'c3', action_type: 'create_report', entity_type: 'report', data: { title: 'A', category: 'roads', photos: [photo.attachment_id] } });
    expect((await call(alice, '/sync/records/report/c3')).record.attachment_states).toEqual({ [photo.attachment_id]: 'awaited' });
    // A record that begins to name it makes it due.
    await stack.invoke('attachment-check', {});
    await expect.poll(async () => (await call(alice, '/sync/records/report/c3')).record.attachment_states, { timeout: 20_000 })
      .toEqual({ [photo.attachment_id]: 'ready' });
    expect(stack.refusals).toEqual([]);
  }, 60_000);

  it('is enough for every query of an admin, and for redrive', async () => {
    const params = { user: 'alice', device_id: 'one', entity_type: 'report', entity_id: 'c1' };
    for (const [query, given] of [
      ['overview', {}], ['pending_actions', {}], ['unresolved_conflicts', {}], ['sync_activity', {}], ['failed_actions', {}],
      ['device', params], ['user_actions', params], ['record_history', params], ['sync_activity', { user: 'alice', details: true }],
      ['action', { user: 'alice', client_id: 'none' }], ['usage', {}], ['batch', { batch_id: Buffer.from('["alice","one","1-0"]').toString('base64url') }],
    ] as const) {
      await call(root, '/admin/query', { query, params: given });
      expect(await stack.invoke('admin-query', { query, params: given })).toMatchObject({ success: true });
    }
    await call(root, '/admin/redrive', { all: true });
    expect(stack.refusals).toEqual([]);
  }, 60_000);

  it('is enough for what runs in the background', async () => {
    const message = (body: object, at: number) => ({ messageId: `m${at}`, receiptHandle: `r${at}`, body: JSON.stringify(body), attributes: { ApproximateReceiveCount: '11' } });
    const note = { scope: 'department:roads', home: 'user:alice', n: 1, records: [{ type: 'report', entityId: 'c1' }] };
    expect(await stack.invoke('dead-letter', {
      Records: [{ kind: 'note', note }, { kind: 'batches', scope: 'user:alice', owner: { user: 'alice', device: 'one' } }].map(message),
    })).toEqual({ batchItemFailures: [] });
    await stack.invoke('sweeper', {});
    expect(await stack.invoke('sweeper', { action: 'requeue' })).toMatchObject({ parked: 1, failed: 0 });
    // The worker takes the parked note out again.
    await expect.poll(() => stack.invoke('sweeper', { action: 'requeue' }), { timeout: 20_000 }).toMatchObject({ parked: 0 });
    expect(stack.refusals).toEqual([]);
  }, 60_000);
});
