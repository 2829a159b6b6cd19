import { describe, expect, it } from 'vitest';
import { Trouble } from '../../src/service/errors.ts';
import { gated } from '../support/faults.ts';
import { allOutcomes, snapshot } from '../support/observe.ts';
import { citizen, createWorld, officer, type World } from '../support/world.ts';

const ALICE = citizen('alice');
const OLGA = officer('olga', 'roads');

/** A world in which commits to one scope fail as long as the outage lasts. */
function withOutageOf(scope: string): { world: World; end: () => void } {
  let down = true;
  const world = createWorld({
    wrap: (deps) =>
      gated(deps, async ({ port, method, args, run }) => {
        const [commit] = args as [{ scope?: string }?];
        if (down && port === 'log' && method === 'put' && commit?.scope === scope) throw new Trouble('down', undefined);
        return run();
      }),
  });
  return {
    world,
    end: () => {
      down = false;
    },
  };
}

/** Redeliveries, dead letters and sweeps, hour after hour. */
async function hours(world: World, count: number): Promise<void> {
  for (let i = 0; i < count * 4; i++) {
    await world.settle();
    await world.bury();
    await world.clock.advance(15 * 60_000);
    await world.sweep();
  }
}

describe('an outage that outlasts every redelivery', () => {
  it('of the log kills nothing: when it is over, all is applied with nobody’s help (P1, P13)', async () => {
    const { world, end } = withOutageOf('user:alice');
    const phone = world.phone(ALICE, { deviceId: 'p1' });
    const id = phone.create('report', { title: 'Pothole', category: 'roads' }).client_id;
    phone.edit('report', id, { title: 'Deep pothole' });
    await phone.push();
    await hours(world, 6);
    expect(world.ports.inbox.rows().headers).toMatchObject([{ state: 'pending', attempts: 0 }]);
    expect(await world.results(ALICE, 'p1', [id])).toMatchObject([{ status: 'queued' }]);
    end();
    await world.heal();
    expect(await snapshot(world, ALICE)).toMatchObject([{ title: 'Deep pothole' }]);
    expect(world.ports.inbox.rows()).toEqual({ headers: [], notes: [] });
    expect(await allOutcomes(world)).toHaveLength(2);
    expect(world.report.alarms()).toEqual([]);
  });

  it.each([
    ['that a try ended', 'before'],
    ['that it began, only the answer', 'after'],
  ] as const)('in which a word gets lost now and then, %s, kills nothing (P1)', async (_, when) => {
    let words = 0;
    const world = createWorld({
      wrap: (deps) =>
        gated(deps, async ({ port, method, args, run }) => {
          if (port === 'log' && method === 'put') throw new Trouble('down', undefined);
          const [read, change] = args as [{ trying: number }, { trying?: number }?];
          const begins = change?.trying !== undefined && change.trying > read.trying;
          const about = when === 'after' ? begins : change?.trying !== undefined && !begins;
          if (port !== 'inbox' || method !== 'change' || !about || ++words % 3 > 0) return run();
          if (when === 'after') await run();
          throw new Trouble('down too', undefined);
        }),
    });
    const phone = world.phone(ALICE, { deviceId: 'p1' });
    phone.create('report', { title: 'Pothole', category: 'roads' });
    await phone.push();
    await hours(world, 12);
    expect(words).toBeGreaterThan(40);
    expect(world.ports.inbox.rows().headers).toMatchObject([{ state: 'pending', attempts: 0 }]);
  });

  it('of a department’s log parks what it should hear, and tells it afterwards (P6, P13)', async () => {
    const { world, end } = withOutageOf('department:roads');
    const phone = world.phone(ALICE, { deviceId: 'p1' });
    const id = phone.create('report', { title: 'Pothole', category: 'roads' }).client_id;
    await phone.push();
    await hours(world, 2);
    phone.edit('report', id, { title: 'Deep pothole' });
    await phone.push();
    await hours(world, 2);
    // The citizen notices nothing.
    await phone.sync();
    expect(phone.holdings.find('report', id)).toMatchObject({ title: 'Deep pothole' });
    expect(await snapshot(world, OLGA)).toEqual([]);
    expect(world.ports.inbox.rows().notes.length).toBeGreaterThan(0);
    end();
    await world.heal();
    expect(await snapshot(world, OLGA)).toMatchObject([{ title: 'Deep pothole', version: phone.holdings.find('report', id)?.version }]);
    expect(world.ports.inbox.rows()).toEqual({ headers: [], notes: [] });
  });
});
