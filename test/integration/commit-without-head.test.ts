import { describe, expect, it } from 'vitest';
import { NEW_HEAD } from '../../src/engine/cursor.ts';
import type { Scope } from '../../src/engine/model.ts';
import { Trouble } from '../../src/service/errors.ts';
import { requeue } from '../../src/service/requeue.ts';
import { verifyAll } from '../../src/service/verify.ts';
import { gated } from '../support/faults.ts';
import { commitsOf, snapshot } from '../support/observe.ts';
import { citizen, createWorld, officer, type World } from '../support/world.ts';

const ALICE = citizen('alice');
const OLGA = officer('olga', 'roads');
const HOME = 'user:alice';
const AUDIENCE = 'department:roads';
const HOUR = 3600_000;

/**
 * Tables as they are when a worker has put the first commit of this scope and dies before it moves `applied`, which would
 * make the head. No queue knows of it any more.
 */
async function diedIn(scope: Scope): Promise<World> {
  let dead = false;
  let diesIn: Scope | undefined = scope;
  const world = createWorld({
    wrap: (plain) => gated(plain, async ({ port, method, args, run }) => {
      dead ||= port === 'log' && method === 'advance' && args[0] === diesIn;
      if (dead) throw new Trouble('dead', undefined);
      return run();
    }),
  });
  const phone = world.phone(ALICE, { deviceId: 'a' });
  phone.create('report', { title: 'Pothole', category: 'roads' });
  await phone.push();
  while (!dead && (await world.deliver()) > 0);
  expect(await commitsOf(world, scope)).toHaveLength(1);
  expect(await world.ports.log.head(scope)).toEqual(NEW_HEAD);
  [dead, diesIn] = [false, undefined];
  await loseQueue(world);
  return world;
}

async function loseQueue({ clock, ports: { queue } }: World): Promise<void> {
  await clock.advance(HOUR);
  for (const { receipt } of await queue.receive(1000)) await queue.delete(receipt);
  expect(queue.messages()).toEqual([]);
}

async function found(world: World): Promise<Map<Scope, string[]>> {
  const all = new Map<Scope, string[]>();
  for await (const { scope, findings } of verifyAll(world.deps)) all.set(scope, findings.map(({ weight, kind }) => `${weight}: ${kind}`));
  return all;
}

const whole = new Map([[AUDIENCE, []], [HOME, []]]);

describe('a first commit whose worker died before there was a head', () => {
  it.each([
    [HOME, 0],
    [HOME, 1],
    [AUDIENCE, 0],
    [AUDIENCE, 1],
  ])('in %s is seen by a verification, and followed by all after a requeue in epoch %d (P1, P6, P13)', async (scope, epoch) => {
    const world = await diedIn(scope);
    Object.assign(world.deps, { epoch });
    expect((await found(world)).get(scope) ?? []).toContain('behind: not_redone');
    expect(await requeue(world.deps)).toMatchObject({ failed: 0 });
    await world.heal();
    expect(await found(world)).toEqual(whole);
    expect(world.ports.inbox.rows()).toEqual({ headers: [], notes: [] });
    for (const claims of [ALICE, OLGA]) expect(await snapshot(world, claims)).toMatchObject([{ home: HOME, title: 'Pothole', version: 1 }]);
  });

  it('in a home is brought to its end by its batch alone, which the sweeper sends (P1, P13)', async () => {
    const world = await diedIn(HOME);
    await world.sweep();
    await world.heal();
    expect(await found(world)).toEqual(whole);
    expect(await snapshot(world, OLGA)).toHaveLength(1);
  });

  it('is redone by a requeue even where its batch is dead, and nothing else will ever come back to it', async () => {
    const world = await diedIn(HOME);
    const [header] = world.ports.inbox.rows().headers;
    if (header) await world.ports.inbox.change(header, { state: 'dead' });
    await requeue(world.deps);
    expect(await world.ports.log.head(HOME)).toMatchObject({ applied: 1 });
    await world.heal();
    expect(await found(world)).toEqual(whole);
  });
});
