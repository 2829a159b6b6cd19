import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor } from '../../src/engine/cursor.ts';
import { Holdings } from '../../local/demo/holdings.ts';
import { citizen, createWorld, officer } from '../support/world.ts';

describe('a device with a cursor that is not ours (P5, P10)', () => {
  it.each(['cursor', 'since'] as const)('is told by %s to drop a scope too that its token no longer grants', async (form) => {
    const world = createWorld();
    const alice = world.phone(citizen('alice'), { deviceId: 'a' });
    alice.create('report', { title: 'Pothole', category: 'roads' });
    await alice.push();
    await world.settle();
    const before = await world.server(officer('olga', 'roads')).download({ device_id: 'b' });
    expect(before.data['reports']).toHaveLength(1);

    const page = await world.server(officer('olga')).download({ device_id: 'b', [form]: form === 'cursor' ? 'AAAA' : '2020-01-01T00:00:00.000Z' });
    expect(page.reset).toEqual([
      { scope: 'user:olga', reason: 'unknown' },
      { scope: 'department:roads', reason: 'revoked' },
    ]);
  });

  it('that goes back to an older timestamp, as uploads answer it, is told of a scope that it was given since', async () => {
    const world = createWorld();
    const alice = world.phone(citizen('alice'), { deviceId: 'a' });
    alice.create('report', { title: 'Pothole', category: 'parks' });
    await alice.push();
    await world.settle();
    const first = await world.server(officer('olga', 'roads')).download({ device_id: 'b' });
    const more = await world.server(officer('olga', 'roads', 'parks')).download({ device_id: 'b', since: first.sync_timestamp });
    expect(more.data['reports']).toHaveLength(1);

    const page = await world.server(officer('olga', 'roads')).download({ device_id: 'b', since: first.sync_timestamp });
    expect(page.reset).toEqual([{ scope: 'department:parks', reason: 'revoked' }]);
    const next = await world.server(officer('olga', 'roads')).download({ device_id: 'b', since: page.sync_timestamp });
    expect(next.reset).toEqual([]);
  });

  it('that goes back to a timestamp from before it was given a scope begins that scope afresh', async () => {
    const world = createWorld();
    const alice = world.phone(citizen('alice'), { deviceId: 'a' });
    const { client_id } = alice.create('report', { title: 'Pothole', category: 'parks' });
    await alice.push();
    await world.settle();
    const first = await world.server(officer('olga', 'roads')).download({ device_id: 'b' });
    const olga = world.server(officer('olga', 'roads', 'parks'));
    const more = await olga.download({ device_id: 'b', since: first.sync_timestamp });
    expect(more.data['reports']).toHaveLength(1);
    await alice.sync();
    alice.delete('report', client_id);
    await alice.push();
    await world.settle();

    const page = await olga.download({ device_id: 'b', since: first.sync_timestamp });
    expect([page.reset, page.data['reports']]).toEqual([[{ scope: 'department:parks', reason: 'expired' }], []]);
  });

  it('because the app moved to another phone with a backup drops what nobody can name to it any more', async () => {
    const world = createWorld();
    const alice = world.phone(citizen('alice'), { deviceId: 'a' });
    alice.create('report', { title: 'Pothole', category: 'parks' });
    await alice.push();
    await world.settle();
    const held = new Holdings();
    const before = await world.server(officer('olga', 'roads', 'parks')).download({ device_id: 'old' });
    held.apply(before);
    expect(held.all()).toHaveLength(1);

    const page = await world.server(officer('olga', 'roads')).download({ device_id: 'new', since: before.sync_timestamp });
    expect(page.reset).toEqual(['user:olga', 'department:roads'].map((scope) => ({ scope, reason: 'unknown' })));
    held.apply(page);
    expect(held.all()).toEqual([]);
  });

  it('for one scope is not ours for any: a log has not reached its number', async () => {
    const world = createWorld();
    const alice = world.phone(citizen('alice'), { deviceId: 'a' });
    alice.create('report', { title: 'Pothole', category: 'roads' });
    await alice.push();
    await world.settle();
    const server = world.server(officer('olga', 'roads'));
    const { cursor, data } = await server.download({ device_id: 'b' });
    const read = decodeCursor(cursor);
    if (!read) throw new Error('a cursor');
    const ahead = encodeCursor({ ...read, scopes: { ...read.scopes, 'user:olga': { at: 7, skip: 0 } } });
    const page = await server.download({ device_id: 'b', cursor: ahead });
    expect(page.reset).toEqual(['user:olga', 'department:roads'].map((scope) => ({ scope, reason: 'unknown' })));
    expect(page.data).toEqual(data);
  });
});
