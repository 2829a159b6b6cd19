import { describe, expect, it } from 'vitest';
import { citizen, createWorld } from '../support/world.ts';

const ALICE = citizen('alice');
const HALF_AN_HOUR = 30 * 60_000;

/**
 * Phone b holds a report that phone a then edits; the page that tells b of it is lost (or comes late, and b never uses
 * it). b's user edits the same title, still seeing the old one; only then b downloads, and uploads with all it knows.
 */
async function editAfterLostPage() {
  const world = createWorld();
  const server = world.server(ALICE);
  const a = world.phone(ALICE, { deviceId: 'a' });
  const id = a.create('report', { title: 'Pothole', category: 'roads' }).client_id;
  await a.push();
  await world.settle();
  const first = await server.download({ device_id: 'b' });
  await a.sync();
  a.edit('report', id, { title: 'Deep pothole' });
  await a.push();
  await world.settle();
  await world.clock.advance(HALF_AN_HOUR);
  const lost = await server.download({ device_id: 'b', since: first.sync_timestamp });
  await world.clock.advance(HALF_AN_HOUR);
  const editedAt = world.clock.now();
  await world.clock.advance(HALF_AN_HOUR);
  const upload = async (lastSync: string) => {
    const action = { client_id: 'edit', action_type: 'update_report', entity_type: 'report', entity_id: id, timestamp: new Date(editedAt).toISOString(), data: { title: 'Wide pothole' } };
    await server.upload({ device_id: 'b', last_sync_timestamp: lastSync, actions: [action] });
    await world.settle();
    return (await world.results(ALICE, 'b', ['edit']))[0];
  };
  return { server, first, lost, upload };
}

describe('a downloaded page that was lost on its way (P4)', () => {
  it('does not count as seen by an edit that was made before the next one came', async () => {
    const { server, first, upload } = await editAfterLostPage();
    const again = await server.download({ device_id: 'b', since: first.sync_timestamp });
    expect(await upload(again.sync_timestamp)).toMatchObject({ status: 'conflict', resolution: 'unresolved' });
  });

  it('counts when it came after all: the device goes on from it', async () => {
    const { server, lost, first, upload } = await editAfterLostPage();
    await server.download({ device_id: 'b', since: first.sync_timestamp });
    const next = await server.download({ device_id: 'b', since: lost.sync_timestamp });
    expect(await upload(next.sync_timestamp)).toMatchObject({ status: 'success' });
  });
});
