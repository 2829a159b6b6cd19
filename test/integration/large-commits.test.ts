import { describe, expect, it } from 'vitest';
import { Trouble } from '../../src/service/errors.ts';
import { gated } from '../support/faults.ts';
import { citizen, createWorld } from '../support/world.ts';

const ALICE = citizen('alice');

/** A store that can do so many things at once, and calls more than that trouble. */
const CAPACITY = 128;

describe('a worker with a large upload', () => {
  it('writes a few rows at a time: a store with few connections is enough (P13)', async () => {
    let inFlight = 0;
    let most = 0;
    const world = createWorld({
      wrap: (deps) =>
        gated(deps, async ({ run }) => {
          most = Math.max(most, ++inFlight);
          await Promise.resolve();
          try {
            if (inFlight > CAPACITY) throw new Trouble('no connection in time', undefined);
            return await run();
          } finally {
            inFlight--;
          }
        }),
    });
    const phone = world.phone(ALICE, { deviceId: 'p1' });
    for (let i = 0; i < 500; i++) phone.create('report', { title: String(i), category: 'roads' });
    await phone.push();
    await world.settle();
    await phone.sync();
    expect(phone.holdings.ofType('report')).toHaveLength(500);
    expect(most).toBeGreaterThan(1);
    // Ten scopes may be worked on at once; here it is the citizen's and the department's.
    expect(most).toBeLessThanOrEqual(2 * (CAPACITY / 10));
  });
});
