import { describe, expect, it } from 'vitest';
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
});
