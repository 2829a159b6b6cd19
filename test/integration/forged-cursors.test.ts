import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor, type Cursor } from '../../src/engine/cursor.ts';
import { LIMITS } from '../../src/protocol/limits.ts';
import { citizen, createWorld, type World } from '../support/world.ts';

const ALICE = citizen('alice');

async function withCursor(): Promise<{ world: World; cursor: Cursor }> {
  const world = createWorld({ auto: true });
  const server = world.server(ALICE);
  await server.upload({ device_id: 'phone', actions: [{ client_id: 'r-1', action_type: 'create_report', entity_type: 'report', data: { title: 'Old', category: 'roads' } }] });
  await world.settle();
  const cursor = decodeCursor((await server.download({ device_id: 'phone' })).cursor);
  if (!cursor) throw new Error('a cursor that can not be read');
  return { world, cursor };
}

async function devicesOf(world: World): Promise<number> {
  return (await world.ports.devices.list('alice', '', 1000)).rows.length;
}

describe('a cursor that its device was not given', () => {
  it.each([
    ['as it was given to another', {}],
    ['that was never noted', { noted: 0 }],
    ['that knows nothing yet', { scopes: {} }],
  ])('%s makes no devices beyond the limit (P11)', async (_, change: Partial<Cursor>) => {
    const { world, cursor } = await withCursor();
    const server = world.server(ALICE);
    for (let i = 0; i < LIMITS.devicesPerUser + 20; i++) {
      const asked = server.download({ device_id: `d-${i}`, cursor: encodeCursor({ ...cursor, ...change }) });
      await asked.catch((error: unknown) => expect(error).toMatchObject({ code: 'too_many_devices' }));
    }
    expect(await devicesOf(world)).toBeLessThanOrEqual(LIMITS.devicesPerUser);
  });

  it.each(['ts', 'noted'] as const)('with a time far ahead (%s) is unknown, and the device’s own times stay sound', async (name) => {
    const { world, cursor } = await withCursor();
    const server = world.server(ALICE);
    const far = { ...cursor, scopes: {}, [name]: Date.UTC(9999, 11, 31, 23, 59, 59, 999) };
    const page = await server.download({ device_id: 'phone', cursor: encodeCursor(far) });
    expect(page.reset).toEqual([{ scope: 'user:alice', reason: 'unknown' }]);
    expect(Date.parse(page.sync_timestamp)).toBeLessThan(world.clock.now() + 60_000);
    const next = await server.download({ device_id: 'phone', cursor: page.cursor });
    expect(next.reset).toEqual([]);
    expect(decodeCursor(next.cursor)?.noted).toBeLessThanOrEqual(world.clock.now());
  });
});
