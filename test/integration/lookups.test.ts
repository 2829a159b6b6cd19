import { describe, expect, it, vi } from 'vitest';
import { citizen, createWorld } from '../support/world.ts';

const ALICE = citizen('alice');

describe('many edits of one record in an upload', () => {
  it('look their record up once, also when they name it by the id that the server gave', async () => {
    const world = createWorld();
    const phone = world.phone(ALICE, { deviceId: 'a' });
    const id = phone.create('report', { title: 'Pothole', category: 'roads' }).client_id;
    await phone.push();
    await world.settle();
    await phone.sync();
    const [record] = phone.holdings.all();
    const alias = vi.spyOn(world.deps.entities, 'alias');
    for (const title of ['Deep pothole', 'Wide pothole', 'Long pothole']) phone.edit('report', id, { title }, { entity_id: Number(record?.id) });
    await phone.push();
    expect(alias.mock.calls.length).toBe(1);
    await world.settle();
    await phone.sync();
    expect(phone.holdings.all()).toMatchObject([{ title: 'Long pothole' }]);
  });
});
