import { expect, it } from 'vitest';
import { citizen, createWorld } from '../support/world.ts';

const ALICE = citizen('alice');

it('a device that downloads many times at once gets every page, each under a time of its own', async () => {
  const world = createWorld({ auto: true });
  const phone = world.phone(ALICE, { deviceId: 'p1' });
  phone.create('report', { title: 'Pothole', category: 'roads' });
  await phone.push();
  await world.settle();
  const server = world.server(ALICE);
  const pages = await Promise.all(Array.from({ length: 40 }, () => server.download({ device_id: 'p1' })));
  expect(new Set(pages.map(({ sync_timestamp }) => sync_timestamp)).size).toBe(40);
  expect(pages.every(({ data }) => data['reports']?.length === 1)).toBe(true);
});
