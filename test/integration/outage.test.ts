import { describe, expect, it } from 'vitest';
import { Trouble } from '../../src/service/errors.ts';
import { citizen, createWorld } from '../support/world.ts';

const ALICE = citizen('alice');

/** A world in which commits can't be put while `down`. */
function world() {
  const outage = { down: true };
  const made = createWorld({
    queue: { maxReceiveCount: 1000 },
    wrap: ({ log }) => ({
      log: {
        ...log,
        put: (commit) => (outage.down ? Promise.reject(new Trouble('log down', undefined)) : log.put(commit)),
      },
    }),
  });
  return { ...made, outage };
}

describe('an outage (P1: it must not kill)', () => {
  it('leaves a batch as alive as it was, however often it is tried meanwhile', async () => {
    const { phone, deliver, clock, ports, outage, settle, results } = world();
    const device = phone(ALICE, { deviceId: 'a' });
    const { client_id } = device.create('report', { title: 'Pothole', category: 'roads' });
    await device.push();
    for (let i = 0; i < 40; i++) {
      expect(await deliver()).toBe(1);
      await clock.advance(60_000);
    }
    const [header] = ports.inbox.rows().headers;
    expect(header).toMatchObject({ state: 'pending', attempts: 0, trying: 0 });
    outage.down = false;
    await settle();
    expect(await results(ALICE, 'a', [client_id])).toMatchObject([{ status: 'success' }]);
  });
});
