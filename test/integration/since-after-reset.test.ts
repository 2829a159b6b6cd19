import { describe, expect, it } from 'vitest';
import type { DownloadResponse } from '../../src/protocol/download.ts';
import { citizen, createWorld } from '../support/world.ts';

const ALICE = citizen('alice');

/** Three reports, and a device b that has downloaded them all and shown so. */
async function settled() {
  const world = createWorld();
  const server = world.server(ALICE);
  const a = world.phone(ALICE, { deviceId: 'a' });
  const ids = ['one', 'two', 'three'].map((title) => a.create('report', { title, category: 'roads' }).client_id);
  await a.push();
  await world.settle();
  const all = await server.download({ device_id: 'b' });
  await server.download({ device_id: 'b', since: all.sync_timestamp });
  a.create('report', { title: 'four', category: 'roads' });
  await a.push();
  await world.settle();
  const next = await server.download({ device_id: 'b', since: all.sync_timestamp });
  await server.download({ device_id: 'b', since: next.sync_timestamp });
  return { server, ids: [...ids, String(next.data['reports']?.[0]?.entity_id)] };
}

/** The timestamp that an upload of device b answers with. */
async function uploadOf({ server }: Awaited<ReturnType<typeof settled>>): Promise<string> {
  const action = { client_id: 'p', action_type: 'update_profile', entity_type: 'profile', data: { name: 'Alice' } };
  return (await server.upload({ device_id: 'b', actions: [action] })).sync_timestamp;
}

/** Ids that the device holds after following `since` to the end, when it held `held` before. */
async function follow({ server }: Awaited<ReturnType<typeof settled>>, held: Set<string>, since: string): Promise<string[]> {
  let page: DownloadResponse;
  do {
    page = await server.download({ device_id: 'b', since, limit: 1 });
    if (page.reset.length > 0) held.clear();
    for (const { entity_id } of page.data['reports'] ?? []) held.add(entity_id);
    since = page.sync_timestamp;
  } while (page.has_more);
  return [...held].sort();
}

describe('the sync_timestamp of an upload, taken for the next `since` (P5)', () => {
  it.each([
    ['a reset', { since: '2020-01-01T00:00:00.000Z' }],
    ['starting afresh', {}],
    ['a change of types', { types: 'report' }],
  ])('does not lead back behind %s of which the device has only the first page', async (_, query) => {
    const made = await settled();
    const first = await made.server.download({ device_id: 'b', limit: 1, ...query });
    const held = new Set((first.data['reports'] ?? []).map(({ entity_id }) => entity_id));
    expect(first.has_more).toBe(true);
    expect(await follow(made, held, await uploadOf(made))).toEqual(made.ids.sort());
  });
});
