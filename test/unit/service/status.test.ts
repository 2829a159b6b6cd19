import { describe, expect, test } from 'vitest';
import { statusResponse } from '../../../src/protocol/status.ts';
import { status } from '../../../src/service/status.ts';
import { createWorld, type World } from '../../support/world.ts';
import { actor, ALICE, BOB, conflict, done, entry, header, MINUTE, START_MS } from './rows.ts';

const ask = (world: World, claims = ALICE, device = 'phone') => status(world.deps, actor(claims), device);

async function openConflict(world: World, device: string): Promise<void> {
  const row = conflict({ id: `c-${device}`, device });
  await world.ports.conflicts.put(row);
  await world.ports.conflicts.putPointer({ user: 'alice', key: `${device}#report#r-1#user:alice`, conflictId: row.id, n: 2, open: true });
}

describe('the status of a device', () => {
  test('never seen has zeros and nulls', async () => {
    const answer = await ask(createWorld());
    expect(answer).toEqual({
      device_id: 'phone', last_sync: null, last_upload: null, last_download: null,
      pending_uploads: 0, failed_uploads: 0, conflicts: 0, sync_version: 0, sync_health: 'good',
    });
    expect(statusResponse.safeParse(answer).success).toBe(true);
  });

  test('names the later of upload and download as the last sync, and counts non-empty ones', async () => {
    const world = createWorld();
    const { devices } = world.ports;
    await devices.countUpload('alice', 'phone', { at: START_MS, info: {}, presented: 0 });
    await devices.noteDownload('alice', 'phone', { at: START_MS + 1000, counts: true, presented: 0 });
    await devices.noteDownload('alice', 'phone', { at: START_MS + 2000, counts: false, presented: 0 });
    expect(await ask(world)).toMatchObject({
      last_upload: '2030-01-01T00:00:00.000Z',
      last_download: '2030-01-01T00:00:02.000Z',
      last_sync: '2030-01-01T00:00:02.000Z',
      sync_version: 2,
    });
  });

  test('counts actions: failed in dead batches, pending in all others, also behind a dead one', async () => {
    const world = createWorld();
    const { inbox } = world.ports;
    await inbox.put(header({ batchId: '1-0', state: 'dead', actions: [entry('a'), entry('b')] }), []);
    await inbox.put(header({ batchId: '2-0', actions: [entry('c'), entry('d'), entry('e')] }), []);
    await inbox.put(header({ batchId: '3-0', scope: 'department:roads' }), []);
    await inbox.put(header({ owner: { user: 'alice', device: 'tablet' } }), []);
    expect(await ask(world)).toMatchObject({ pending_uploads: 4, failed_uploads: 2 });
  });

  test('counts no action that has its outcome, although its batch is dead, or waits', async () => {
    const world = createWorld();
    const batches = [
      { batchId: '1-0', state: 'dead' as const, actions: [entry('a'), entry('b', 'r-2')] },
      { batchId: '2-0', actions: [entry('c'), entry('d', 'r-3')] },
    ];
    for (const batch of batches) await world.ports.inbox.put(header(batch), []);
    for (const clientId of ['b', 'd']) await world.ports.actions.put(done({ clientId }));
    expect(await ask(world)).toMatchObject({ pending_uploads: 1, failed_uploads: 1 });
  });

  test('is that of the caller’s own device, not of another user’s with the same name', async () => {
    const world = createWorld();
    await world.ports.inbox.put(header(), []);
    await openConflict(world, 'phone');
    expect(await ask(world, BOB)).toMatchObject({ pending_uploads: 0, conflicts: 0, sync_health: 'good' });
    expect(await ask(world)).toMatchObject({ pending_uploads: 1, conflicts: 1 });
  });
});

describe('the health of a device', () => {
  test('shows the worst: failing, stalled, conflicts, good', async () => {
    const world = createWorld();
    await openConflict(world, 'tablet');
    expect((await ask(world)).sync_health).toBe('good');
    await openConflict(world, 'phone');
    expect((await ask(world)).sync_health).toBe('conflicts');
    await world.ports.inbox.put(header({ batchId: '1-0', acceptedAt: START_MS - 5 * MINUTE }), []);
    expect((await ask(world)).sync_health).toBe('conflicts');
    await world.ports.inbox.put(header({ batchId: '2-0', acceptedAt: START_MS - 5 * MINUTE - 1 }), []);
    expect((await ask(world)).sync_health).toBe('stalled');
    await world.ports.inbox.put(header({ batchId: '3-0', state: 'dead' }), []);
    expect((await ask(world)).sync_health).toBe('failing');
  });
});
