import { describe, expect, it } from 'vitest';
import { TIMES } from '../../src/protocol/limits.ts';
import { citizen, createWorld } from '../support/world.ts';

const ALICE = citizen('alice');

describe('a snapshot that a device breaks off and goes on with when the log since has expired (P5, P9)', () => {
  it('begins again with a reset: what was deleted meanwhile has left no trace', async () => {
    const world = createWorld();
    const server = world.server(ALICE);
    const phone = world.phone(ALICE, { deviceId: 'a' });
    const ids = ['one', 'two', 'three'].map((title) => phone.create('report', { title, category: 'roads' }).client_id);
    await phone.sync();
    await world.settle();
    const first = await server.download({ device_id: 'b', limit: 1 });
    const [held] = first.data['reports'] ?? [];
    expect([first.has_more, ids.includes(held?.entity_id ?? '')]).toEqual([true, true]);
    await phone.sync();
    phone.delete('report', held?.entity_id ?? '');
    await phone.push();
    await world.settle();
    await world.clock.advance(TIMES.retentionMs + 60_000);
    world.ports.expire(world.clock.now());

    const pages = [];
    for (let cursor: string | undefined = first.cursor; cursor !== undefined; ) {
      const page = await server.download({ device_id: 'b', limit: 1, cursor });
      pages.push(page);
      cursor = page.has_more ? page.cursor : undefined;
    }
    expect(pages.flatMap(({ reset }) => reset)).toEqual([{ scope: 'user:alice', reason: 'expired' }]);
    const reset = pages.findIndex((page) => page.reset.length > 0);
    const after = pages.slice(reset).flatMap(({ data }) => (data['reports'] ?? []).map((record) => record.entity_id));
    expect(after.sort()).toEqual(ids.filter((id) => id !== held?.entity_id).sort());
  });
});
