import { describe, expect, it } from 'vitest';
import type { UploadBody } from '../../local/demo/phone.ts';
import { civic } from '../../src/domain/civic.ts';
import { actorOf } from '../../src/engine/domain.ts';
import { upload } from '../../src/service/upload.ts';
import { citizen, createWorld } from '../support/world.ts';

const ALICE = citizen('alice');

/** Two phones that hold the same report; one then edits its title. Time goes on far enough for a base time to count. */
async function contested() {
  const world = createWorld();
  const [a, b] = [world.phone(ALICE, { deviceId: 'a' }), world.phone(ALICE, { deviceId: 'b', follow: 'since' })];
  const id = a.create('report', { title: 'Pothole', category: 'roads' }).client_id;
  await a.push();
  await world.settle();
  await world.clock.advance(10 * 60_000);
  await Promise.all([a.sync(), b.pull()]);
  const seenAt = b.syncTimestamp ?? '';
  a.edit('report', id, { title: 'Deep pothole' });
  await a.push();
  await world.settle();
  await world.clock.advance(10 * 60_000);
  const editOf = (more: Partial<UploadBody>, timestamp = new Date(world.clock.now()).toISOString(), receivedAtMs?: number) => {
    const action = { client_id: 'edit', action_type: 'update_report', entity_type: 'report', entity_id: id, timestamp, data: { title: 'Wide pothole' } };
    const envelope = { device_id: 'b', actions: [action], ...more };
    return upload(world.deps, actorOf(civic, ALICE), { envelope, guardFaults: [], waitMs: 0, representation: false, receivedAtMs });
  };
  const overtake = async () => {
    await a.pull();
    a.edit('report', id, { title: 'Deepest pothole' });
    await a.push();
    await world.settle();
    await world.clock.advance(30_000);
  };
  const outcome = async () => {
    await world.settle();
    return (await world.results(ALICE, 'b', ['edit']))[0];
  };
  return { world, b, seenAt, editOf, overtake, outcome };
}

describe('an edit without base_version (P4)', () => {
  it('overlaps with what came after the sync_timestamp that it names', async () => {
    const { seenAt, editOf, outcome } = await contested();
    await editOf({ last_sync_timestamp: seenAt });
    expect(await outcome()).toMatchObject({ status: 'conflict', resolution: 'unresolved' });
  });

  it('overlaps with what its device never downloaded, though its own time is later and it names no sync', async () => {
    const { editOf, outcome } = await contested();
    await editOf({});
    expect(await outcome()).toMatchObject({ status: 'conflict', resolution: 'unresolved' });
  });

  it('overlaps with what was downloaded after the user made it', async () => {
    const { b, editOf, outcome, seenAt } = await contested();
    await b.pull();
    expect(b.syncTimestamp).not.toBe(seenAt);
    await editOf({ last_sync_timestamp: b.syncTimestamp ?? '' }, seenAt);
    expect(await outcome()).toMatchObject({ status: 'conflict', resolution: 'unresolved' });
  });

  it('applies when its device had downloaded the change before', async () => {
    const { b, editOf, outcome } = await contested();
    await b.pull();
    await editOf({ last_sync_timestamp: b.syncTimestamp ?? '' });
    expect(await outcome()).toMatchObject({ status: 'success' });
  });

  it('applies without naming the sync, when it was made minutes after the change and after a download that the device has shown to have', async () => {
    const { world, b, editOf, outcome } = await contested();
    await b.pull();
    await world.clock.advance(2 * 60_000);
    await b.pull();
    await editOf({});
    expect(await outcome()).toMatchObject({ status: 'success' });
  });

  it('overlaps with what was changed within the last two minutes, however far the clock of its phone is ahead', async () => {
    const { world, b, editOf, overtake, outcome } = await contested();
    await overtake();
    // An upload that stood still meanwhile: what the phone downloads now, its user had not seen.
    await b.pull();
    await world.clock.advance(61_000);
    await b.pull();
    await editOf({}, new Date(world.clock.now() + 2 * 3_600_000).toISOString());
    expect(await outcome()).toMatchObject({ status: 'conflict', resolution: 'unresolved' });
  });

  it('overlaps with what its phone downloaded only while the upload stood still', async () => {
    const { world, b, outcome, editOf } = await contested();
    const receivedAtMs = world.clock.now();
    await world.clock.advance(1000);
    await b.pull();
    await world.clock.advance(61_000);
    await b.pull();
    await editOf({}, undefined, receivedAtMs);
    expect(await outcome()).toMatchObject({ status: 'conflict', resolution: 'unresolved' });
  });

  it('overlaps with what only the last page told, when nothing shows that it arrived', async () => {
    const { b, editOf, outcome } = await contested();
    await b.pull();
    await editOf({});
    expect(await outcome()).toMatchObject({ status: 'conflict', resolution: 'unresolved' });
  });
});
