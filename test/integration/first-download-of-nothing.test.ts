import { expect, it } from 'vitest';
import { citizen, createWorld } from '../support/world.ts';

const ALICE = citizen('alice');

it.each(['cursor', 'since'] as const)('a device that downloaded before there was anything hears of what was deleted since (P5, P9), by %s', async (follow) => {
  const world = createWorld({ auto: true });
  const phone = world.phone(ALICE, { deviceId: 'phone', follow });
  const tablet = world.phone(ALICE, { deviceId: 'tablet', follow });
  await phone.pull();
  const id = phone.create('report', { title: 'Pothole', category: 'roads' }).client_id;
  await phone.push();
  await world.settle();
  await tablet.pull();
  tablet.delete('report', id);
  await tablet.push();
  await world.settle();
  // A library that shows its own creation at once holds it: a snapshot without it would leave it there for ever.
  const pages = await phone.pull();
  expect(pages.flatMap(({ deleted }) => deleted['reports'] ?? [])).toMatchObject([{ entity_id: id, reason: 'deleted' }]);
  expect(pages.flatMap(({ reset }) => reset)).toEqual([]);
});
