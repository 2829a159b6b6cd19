import type { Claims } from '../../src/engine/model.ts';
import type { World } from './world.ts';

/** Two phones of one user, `a` and `b`, that both hold a new report. */
export async function twoPhones(world: World, claims: Claims) {
  const [a, b] = [world.phone(claims, { deviceId: 'a' }), world.phone(claims, { deviceId: 'b' })];
  const id = a.create('report', { title: 'Pothole', category: 'roads' }).client_id;
  await a.push();
  await world.settle();
  await Promise.all([a.sync(), b.sync()]);
  return { a, b, id };
}

/** … and the open conflict over its title, which `b` lost. */
export async function contestedTitle(world: World, claims: Claims) {
  const { a, b, id } = await twoPhones(world, claims);
  a.edit('report', id, { title: 'Deep pothole' });
  await a.push();
  await world.settle();
  const { client_id } = b.edit('report', id, { title: 'Wide pothole' });
  await b.push();
  await world.settle();
  const [result] = await world.results(claims, 'b', [client_id]);
  return { a, b, id, conflictId: String(result?.conflict_id) };
}
