import { describe, expect, it } from 'vitest';
import { getRecord } from '../../src/service/record.ts';
import { callerOf } from '../../src/service/caller.ts';
import { citizen, createWorld, officer } from '../support/world.ts';

const ALICE = citizen('alice');
const OLGA = officer('olga', 'roads');

/** A report that Alice deleted on one device, and its number, under which her other device and Olga know it. */
async function deletedReport() {
  const world = createWorld();
  const phone = world.phone(ALICE, { deviceId: 'p1' });
  const id = phone.create('report', { title: 'Pothole', category: 'roads' }).client_id;
  await phone.push();
  await world.settle();
  await phone.sync();
  const serverId = Number(phone.holdings.find('report', id)?.id);
  const change = async (claims: typeof ALICE, deviceId: string, action: object) => {
    const body = { device_id: deviceId, actions: [{ client_id: `${deviceId}-${id}`, entity_type: 'report', entity_id: serverId, ...action }] };
    await world.server(claims).upload(body as never);
    await world.settle();
    return (await world.results(claims, deviceId, [`${deviceId}-${id}`]))[0];
  };
  return { world, id, serverId, change, remove: () => change(ALICE, 'p1', { action_type: 'delete_report' }) };
}

describe('a deleted record, named by the number that the server gave', () => {
  it('is a tombstone: an edit of it is a conflict, not an unknown record (P4)', async () => {
    const { id, serverId, change, remove } = await deletedReport();
    await remove();
    const edit = await change(ALICE, 'p2', { action_type: 'update_report', base_version: 1, data: { title: 'Deep pothole' } });
    expect(edit).toMatchObject({ status: 'conflict', resolution: 'unresolved', entity_id: id, server_id: serverId });
  });

  it('answers as one in its own scope and in the department’s', async () => {
    const { world, id, serverId, remove } = await deletedReport();
    await remove();
    for (const claims of [ALICE, OLGA]) {
      const answer = await getRecord(world.deps, callerOf(world.deps, claims), 'report', String(serverId));
      expect(answer).toMatchObject({ record: null, deleted: { id: serverId, entity_id: id, reason: 'deleted' } });
    }
  });

  it('is unknown where the record left before (P10)', async () => {
    const { world, serverId, change, remove } = await deletedReport();
    await change(ALICE, 'p3', { action_type: 'update_report', data: { category: 'parks' } });
    await remove();
    await expect(getRecord(world.deps, callerOf(world.deps, OLGA), 'report', String(serverId))).rejects.toThrow(expect.objectContaining({ code: 'not_found' }));
    expect(await change(OLGA, 'o1', { action_type: 'update_report', data: { status: 'resolved' } })).toMatchObject({ status: 'rejected', error: { code: 'not_found' } });
  });
});
