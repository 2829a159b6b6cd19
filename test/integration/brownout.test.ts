import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { gated } from '../support/faults.ts';
import { snapshot } from '../support/observe.ts';
import { citizen, createWorld, workOn, type World } from '../support/world.ts';

const ALICE = citizen('alice');
const LIMIT_MS = 30_000;
const VISIBILITY_MS = 180_000;

/** A worker every call of which takes so long, and which is killed at its limit: then it says nothing any more. */
async function slowWorker(world: World, callMs: number): Promise<void> {
  const received = await world.ports.queue.receive(10);
  let spent = 0;
  const deps = gated(world.deps, ({ run }) => {
    spent += callMs;
    return spent > LIMIT_MS ? new Promise(() => {}) : run();
  });
  let failed: Set<string> | undefined;
  void workOn(deps, received, () => LIMIT_MS - spent).then((result) => (failed = result));
  for (let i = 0; i < 50; i++) await setImmediate();
  for (const { receipt } of received) if (failed && !failed.has(receipt)) await world.ports.queue.delete(receipt);
}

describe('a time in which all calls succeed and take long', () => {
  it.each([1000, 2000, 3000, 3500, 4000, 4500, 5000])('of %i ms each kills nothing, however long it lasts (P1, P13)', async (callMs) => {
    const world = createWorld({ queue: { visibilitySeconds: VISIBILITY_MS / 1000 } });
    const phone = world.phone(ALICE, { deviceId: 'p1' });
    phone.create('report', { title: 'Pothole', category: 'roads' });
    await phone.push();
    for (let i = 0; i < 150; i++) {
      await slowWorker(world, callMs);
      await world.bury();
      await world.clock.advance(VISIBILITY_MS);
      await world.sweep();
    }
    expect(world.ports.inbox.rows().headers.filter(({ state, attempts }) => state === 'dead' || attempts > 0)).toEqual([]);
    await world.heal();
    expect(await snapshot(world, ALICE)).toMatchObject([{ title: 'Pothole' }]);
    expect(world.report.alarms()).toEqual([]);
  });
});
