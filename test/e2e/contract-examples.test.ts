import { describe, expect, it } from 'vitest';
import { citizen } from '../support/people.ts';

const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

// The requests that mobile apps were promised, letter for letter, and every field that they were promised in return.
describe('the promised contract', () => {
  const upload = {
    device_id: 'abc-123-def-456',
    last_sync_timestamp: '2025-10-19T10:00:00Z',
    actions: [
      {
        client_id: 'uuid-1',
        action_type: 'create_report',
        entity_type: 'report',
        timestamp: '2025-10-19T09:30:00Z',
        data: {
          title: 'Pothole on Main Street',
          description: 'Large pothole',
          category: 'roads',
          latitude: 23.3441,
          longitude: 85.3096,
        },
      },
    ],
  };

  it('of POST /sync/upload: success with an integer server_id, in the same answer', async () => {
    const { api } = await citizen();
    const { status, body } = await api.request('POST', 'sync/upload', { body: upload });
    expect(status).toBe(200);
    expect(body).toEqual({
      success: true,
      results: [
        {
          client_id: 'uuid-1',
          status: 'success',
          server_id: expect.any(Number),
          message: 'Report created successfully',
          entity_id: 'uuid-1',
          home: expect.stringMatching(/^user:alice/),
          version: 1,
        },
      ],
      conflicts: [],
      sync_timestamp: expect.stringMatching(ISO),
    });
    expect(body).toHaveProperty('results.0.server_id', expect.toSatisfy(Number.isInteger));
  });

  it('of GET /sync/download: the report with its id, fields and times, below data.reports', async () => {
    const { api } = await citizen();
    await api.request('POST', 'sync/upload', { body: upload });
    const { status, body } = await api.request('GET', 'sync/download?since=2025-10-19T10:00:00Z&device_id=abc-123');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      success: true,
      data: {
        reports: [
          {
            id: expect.any(Number),
            title: 'Pothole on Main Street',
            description: 'Large pothole',
            category: 'roads',
            latitude: 23.3441,
            longitude: 85.3096,
            status: 'received',
            updated_at: expect.stringMatching(ISO),
          },
        ],
        profile: [],
      },
      sync_timestamp: expect.stringMatching(ISO),
      has_more: false,
    });
  });

  it('of since: the last sync_timestamp brings what is new, and nothing twice', async () => {
    const { api } = await citizen();
    const since = async (timestamp: string) => {
      const { body } = await api.request('GET', 'sync/download', { query: { since: timestamp, device_id: 'abc-123' } });
      return body as { data: { reports: { entity_id: string }[] }; sync_timestamp: string };
    };
    await api.request('POST', 'sync/upload', { body: upload });
    const first = await since('2025-10-19T10:00:00Z');
    expect(first.data.reports).toHaveLength(1);
    const empty = await since(first.sync_timestamp);
    expect(empty.data.reports).toEqual([]);
    expect(empty.sync_timestamp).toBe(first.sync_timestamp);
    await api.request('POST', 'sync/upload', { body: { ...upload, actions: [{ ...upload.actions[0], client_id: 'uuid-2' }] } });
    const second = await since(empty.sync_timestamp);
    expect(second.data.reports.map((report) => report.entity_id)).toEqual(['uuid-2']);
    expect(Date.parse(second.sync_timestamp)).toBeGreaterThan(Date.parse(first.sync_timestamp));
  });

  it('of the upload’s sync_timestamp: as the next since it skips nothing', async () => {
    const { api } = await citizen();
    const other = await api.request('POST', 'sync/upload', { body: { ...upload, device_id: 'the-other-phone' } });
    expect(other.status).toBe(200);
    const { body } = await api.request('POST', 'sync/upload', {
      body: { ...upload, actions: [{ ...upload.actions[0], client_id: 'uuid-2' }] },
    });
    const { sync_timestamp: since } = body as { sync_timestamp: string };
    const page = await api.request('GET', 'sync/download', { query: { since, device_id: 'abc-123-def-456' } });
    expect(page.body).toMatchObject({ data: { reports: [{ entity_id: 'uuid-1' }, { entity_id: 'uuid-2' }] } });
  });

  it('of GET /sync/status: every field', async () => {
    const { api } = await citizen();
    await api.request('POST', 'sync/upload', { body: upload });
    await api.request('GET', 'sync/download', { query: { device_id: 'abc-123-def-456' } });
    const { status, body } = await api.request('GET', 'sync/status?device_id=abc-123-def-456');
    expect(status).toBe(200);
    expect(body).toEqual({
      device_id: 'abc-123-def-456',
      last_sync: expect.stringMatching(ISO),
      last_upload: expect.stringMatching(ISO),
      last_download: expect.stringMatching(ISO),
      pending_uploads: 0,
      failed_uploads: 0,
      conflicts: 0,
      sync_version: 2,
      sync_health: 'good',
    });
    const { last_sync, last_download } = body as { last_sync: string; last_download: string };
    expect(last_sync).toBe(last_download);
  });

  it('of a device that was never seen: zeros and nulls', async () => {
    const { api } = await citizen();
    const { status, body } = await api.request('GET', 'sync/status?device_id=never');
    expect(status).toBe(200);
    expect(body).toEqual({
      device_id: 'never',
      last_sync: null,
      last_upload: null,
      last_download: null,
      pending_uploads: 0,
      failed_uploads: 0,
      conflicts: 0,
      sync_version: 0,
      sync_health: 'good',
    });
  });

  it('of GET /sync/conflicts and POST /sync/resolve-conflict: an edit on two devices, listed and resolved', async () => {
    const { api } = await citizen();
    await api.request('POST', 'sync/upload', { body: upload });
    const edit = (device_id: string, client_id: string, title: string) =>
      api.request('POST', 'sync/upload', {
        body: {
          device_id,
          actions: [
            { client_id, action_type: 'update_report', entity_type: 'report', entity_id: 'uuid-1', base_version: 1, timestamp: '2025-10-19T09:40:00Z', data: { title } },
          ],
        },
      });
    await edit('phone', 'e1', 'Mine');
    const { body } = await edit('tablet', 'e2', 'Theirs');
    expect(body).toMatchObject({ results: [{ status: 'conflict', resolution: 'unresolved', conflict_id: expect.any(String) }] });
    const listed = await api.request('GET', 'sync/conflicts');
    expect(listed.body).toEqual({
      success: true,
      next_cursor: null,
      conflicts: (body as { conflicts: unknown[] }).conflicts,
    });
    const { conflicts } = listed.body as { conflicts: { id: string }[] };
    expect(conflicts).toEqual([
      {
        id: expect.any(String),
        kind: 'update_update',
        entity_type: 'report',
        entity_id: 'uuid-1',
        server_id: expect.any(Number),
        home: expect.any(String),
        device_id: 'tablet',
        client_id: 'e2',
        client_ids: ['e2'],
        base_version: 1,
        server_version: 2,
        conflicting_fields: ['title'],
        base_data: null,
        client_data: { title: 'Theirs' },
        server_data: { title: 'Mine' },
        server_deleted: false,
        status: 'unresolved',
        strategy: null,
        resolved_data: null,
        resolved_by: null,
        resolved_at: null,
        detected_at: expect.stringMatching(ISO),
        record: expect.objectContaining({ title: 'Mine', version: 2 }),
      },
    ]);
    const resolved = await api.request('POST', 'sync/resolve-conflict', { body: { conflict_id: conflicts[0]?.id, strategy: 'client_wins' } });
    expect(resolved.status).toBe(200);
    expect(resolved.body).toMatchObject({
      success: true,
      conflict: { status: 'resolved', strategy: 'client_wins', resolved_data: { title: 'Theirs' }, resolved_at: expect.stringMatching(ISO) },
      record: { title: 'Theirs' },
    });
    const { record } = resolved.body as { record: { version: number } };
    expect(record.version).toBeGreaterThan(2);
  });
});
