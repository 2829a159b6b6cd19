import { describe, expect, it } from 'vitest';
import { scopesOf } from '../../src/domain/scopes.ts';
import type { Domain } from '../../src/engine/domain.ts';
import { meter } from '../support/meter.ts';
import { citizen, createWorld, officer } from '../support/world.ts';

/** The example of the README, as the only type of a domain of its own. */
const WATERWORKS: Domain = { types: { meter }, scopesOf };
const OLGA = officer('olga', 'water');
const RAVI = citizen('ravi');
const READING = { action_type: 'read_meter' };

/** A meter of the department that Ravi is to read: on Olga's phone and on both of his. */
async function oneMeter() {
  const world = createWorld({ domain: WATERWORKS });
  const olga = world.phone(OLGA, { deviceId: 'olga' });
  const [phone, tablet] = [world.phone(RAVI, { deviceId: 'phone' }), world.phone(RAVI, { deviceId: 'tablet' })];
  const id = olga.create('meter', { department: 'water', serial: 'W-1', reader: 'ravi' }).client_id;
  await olga.push();
  await world.settle();
  await Promise.all([olga, phone, tablet].map((device) => device.pull()));
  return { world, olga, phone, tablet, id };
}

describe('a domain of one’s own (README)', () => {
  it('shares a record with whom the type names, and nobody else', async () => {
    const { world, phone, id } = await oneMeter();
    expect(phone.holdings.find('meter', id)).toMatchObject({ serial: 'W-1', visits: 0, home: 'department:water' });
    const stranger = world.phone(citizen('eve'), { deviceId: 'eve' });
    await stranger.pull();
    expect(stranger.holdings.all()).toEqual([]);
  });

  it('merges by its own rules: of two offline readings the higher stands, and visits add up', async () => {
    const { world, olga, phone, tablet, id } = await oneMeter();
    phone.edit('meter', id, { reading: 250, visits: { $inc: 1 } }, READING);
    tablet.edit('meter', id, { reading: 240, visits: { $inc: 1 } }, READING);
    await phone.push({ conflict_strategy: 'merge' });
    await tablet.push({ conflict_strategy: 'merge' });
    await world.settle();
    await olga.pull();
    expect(olga.holdings.find('meter', id)).toMatchObject({ reading: 250, visits: 2 });
  });

  it('lets a reader read, and refuses all else to them', async () => {
    const { world, phone, id } = await oneMeter();
    const allowed = phone.edit('meter', id, { reading: 1 }, READING);
    const wrong = phone.edit('meter', id, { serial: 'W-2' }, READING);
    const removal = phone.delete('meter', id);
    await phone.push();
    await world.settle();
    const results = await world.results(RAVI, 'phone', [allowed, wrong, removal].map((action) => action.client_id));
    expect(results.map(({ status, error }) => [status, error?.code])).toEqual([
      ['success', undefined],
      ['rejected', 'validation_failed'],
      ['rejected', 'forbidden'],
    ]);
  });
});
