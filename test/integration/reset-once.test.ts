import { describe, expect, it } from 'vitest';
import type { DownloadResponse } from '../../src/protocol/download.ts';
import { openLog } from '../../src/service/redo.ts';
import { requeue } from '../../src/service/requeue.ts';
import { gated } from '../support/faults.ts';
import { snapshot } from '../support/observe.ts';
import { Trouble } from '../../src/service/errors.ts';
import { citizen, createWorld, officer } from '../support/world.ts';

const ALICE = citizen('alice');
const OLGA = officer('olga', 'roads');
const HOME = 'user:alice';

const resets = (pages: readonly DownloadResponse[]) => pages.flatMap(({ reset }) => reset.map(({ scope, reason }) => `${scope} ${reason}`)).sort();

describe('tables restored to a second at which a commit stood without its views', () => {
  it.each([1, 200])('give every device one reset, also one that came before anybody redid it, at %d records a page (P5)', async (limit) => {
    let dead = false;
    let dies = false;
    const world = createWorld({
      wrap: (plain) => gated(plain, async ({ port, method, args, run }) => {
        dead ||= dies && port === 'log' && method === 'advance' && args[0] === HOME;
        if (dead) throw new Trouble('dead', undefined);
        return run();
      }),
    });
    const phone = world.phone(ALICE, { deviceId: 'a', limit });
    const desk = world.phone(OLGA, { deviceId: 'b', limit });
    const act = async (...titles: string[]) => {
      for (const title of titles) phone.create('report', { title, category: 'roads' });
      await phone.push();
    };
    await act('one', 'two');
    await world.heal();
    for (const each of [phone, desk]) await each.pull();
    await act('three', 'four');
    dies = true;
    while (!dead && (await world.deliver()) > 0);
    expect(dead).toBe(true);

    [dead, dies] = [false, false];
    Object.assign(world.deps, { epoch: 1 });
    expect(resets(await phone.pull())).toEqual([`${HOME} restored`]);
    expect(resets(await desk.pull())).toEqual(['department:roads restored', 'user:olga restored']);
    expect(await world.ports.log.head(HOME)).toMatchObject({ applied: 1, epoch: 0 });

    await requeue(world.deps);
    // A worker that finds everything done begins the epoch, and commits nothing to it: what follows the old end is no hole.
    await openLog(world.deps, HOME);
    expect(await world.ports.log.head(HOME)).toMatchObject({ applied: 999_999, start: 1_000_000, end: 2 });
    expect(resets(await phone.pull())).toEqual([]);
    await act('five');
    await world.heal();
    for (const [each, claims] of [[phone, ALICE], [desk, OLGA]] as const) {
      expect(resets(await each.pull())).toEqual([]);
      expect(each.holdings.all()).toHaveLength(5);
      expect(each.holdings.all()).toEqual(await snapshot(world, claims));
    }
  });
});
