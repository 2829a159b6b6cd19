import { describe, expect, it } from 'vitest';
import { Trouble } from '../../src/service/errors.ts';
import { gated, mortal, overtaken } from '../support/faults.ts';
import { allOutcomes, commitsOf, outcomeCounts, snapshot } from '../support/observe.ts';
import { citizen, createWorld, officer, workOn, type World } from '../support/world.ts';

const ALICE = citizen('alice');
const OLGA = officer('olga', 'roads');

/** More writes than any worker in here makes. */
const MOST_WRITES = 200;

type Story = { world: World; ids: string[] };

/** A record with an audience, an edit that merges, one that overlaps, a refusal and a delete: all waiting for a worker. */
async function prepare(): Promise<Story> {
  const world = createWorld();
  const [a, b] = [world.phone(ALICE, { deviceId: 'a' }), world.phone(ALICE, { deviceId: 'b' })];
  const contested = a.create('report', { title: 'Pothole', category: 'roads' }).client_id;
  const doomed = a.create('report', { title: 'Mistake', category: 'roads' }).client_id;
  await a.push();
  await world.settle();
  await Promise.all([a.sync(), b.sync()]);
  const ids = [
    a.edit('report', contested, { title: 'Deep pothole', description: 'one' }),
    a.delete('report', doomed),
    a.act({ action_type: 'update_profile', entity_type: 'profile', data: { name: 'Alice' } }),
    b.edit('report', contested, { title: 'Wide pothole', tags: ['urgent'] }),
    b.create('report', { title: '', category: 'roads' }),
  ].map((action) => action.client_id);
  await a.push();
  await b.push();
  return { world, ids };
}

/** Everything that people can see in the end; server ids and times may differ. */
async function seen({ world, ids }: Story): Promise<unknown> {
  const strip = (records: Awaited<ReturnType<typeof snapshot>>) =>
    records.map(({ id: _id, created_at: _c, updated_at: _u, entity_id: _e, version: _v, ...fields }) => fields);
  const results = [...(await world.results(ALICE, 'a', ids))];
  return {
    alice: strip(await snapshot(world, ALICE)),
    olga: strip(await snapshot(world, OLGA)),
    results: results.map(({ status, resolution, merged }) => ({ status, resolution, merged })),
    conflicts: world.ports.conflicts.rows().map(({ status, fields, client }) => ({ status, fields, client })),
    inbox: world.ports.inbox.rows(),
  };
}

describe('a worker that dies', () => {
  for (const when of ['before', 'after'] as const) {
    it(`at any of its writes, just ${when} it takes effect, is made good by the next (P1, P2, P13)`, async () => {
      const calm = await prepare();
      await calm.world.heal();
      const expected = await seen(calm);
      const places = new Set<string>();
      for (let at = 0; at < MOST_WRITES; at++) {
        const story = await prepare();
        const { deps, isDead, diedAt } = mortal(story.world.deps, at, when);
        while ((await story.world.deliver({ deps })) > 0 && !isDead());
        await story.world.heal();
        expect(await seen(story), `dies ${when} write ${at}, ${diedAt()}`).toEqual(expected);
        const counts = outcomeCounts(await allOutcomes(story.world));
        expect([...counts.values()].every((count) => count === 1), diedAt()).toBe(true);
        if (!isDead()) break;
        places.add(diedAt());
      }
      // It died everywhere, not only where it is easy.
      const all = ['log.put', 'log.advance', 'entities.put', 'actions.put', 'conflicts.put', 'queue.send', 'inbox.remove'];
      expect([...places]).toEqual(expect.arrayContaining(all));
    });
  }

  it('at any of its writes leaves nothing to be seen that could not be edited by its number (P12)', async () => {
    const edits = new Map([[ALICE, { title: 'Deep pothole' }], [OLGA, { resolution_note: 'Filled' }]]);
    let mostSeen = 0;
    for (let at = 0; at < MOST_WRITES; at++) {
      const world = createWorld();
      const author = world.phone(ALICE, { deviceId: 'a' });
      for (const title of ['Pothole', 'Broken lamp']) {
        await world.settle();
        author.create('report', { title, category: 'roads' });
        await author.push();
      }
      const { deps, isDead, diedAt } = mortal(world.deps, at, 'after');
      while ((await world.deliver({ deps })) > 0 && !isDead());
      const others = [...edits].map(([claims, data]) => ({ claims, data, phone: world.phone(claims, { deviceId: 'other' }) }));
      for (const { phone, data } of others) {
        await phone.pull();
        for (const { id, entity_id } of phone.holdings.all()) phone.edit('report', entity_id, data, { entity_id: id });
        await phone.push();
      }
      await world.heal();
      for (const { claims, phone } of others) {
        const results = await world.results(claims, 'other', [...phone.results.keys()]);
        expect(results.filter(({ status }) => status !== 'success'), `${claims.sub}, after ${diedAt()}`).toEqual([]);
        mostSeen = Math.max(mostSeen, results.length);
      }
      if (!isDead()) break;
    }
    expect(mostSeen).toBe(2);
  });

  it('between the commit and its views has not said a word yet, and nobody sees a part of it (P7)', async () => {
    const { world, ids } = await prepare();
    const before = await snapshot(world, ALICE);
    const watcher = world.phone(ALICE, { deviceId: 'watcher' });
    await watcher.pull();
    let committed = false;
    const deps = gated(world.deps, async ({ port, method, run }) => {
      if (committed) throw new Trouble('dead', undefined);
      const answer = await run();
      committed = port === 'log' && method === 'put';
      return answer;
    });
    while ((await world.deliver({ deps })) > 0 && !committed);
    expect(committed).toBe(true);
    await watcher.pull();
    expect(watcher.holdings.all()).toEqual(before);
    expect((await world.results(ALICE, 'a', ids.slice(0, 2))).map(({ status }) => status)).toEqual(['queued', 'queued']);
    await world.heal();
    await watcher.pull();
    expect(watcher.holdings.all()).toEqual(await snapshot(world, ALICE));
    expect(watcher.holdings.all()).not.toEqual(before);
  });

  it.each([
    ['outcomes', 0],
    ['copies for an audience', 1],
  ])('after it wrote %s does not mislead one that had read the head before (P13)', async (_, rounds) => {
    for (let at = 0; at < 60; at++) {
      const { world } = await prepare();
      for (let i = 0; i < rounds; i++) await world.deliver();
      const received = await world.ports.queue.receive();
      let overtook = false;
      const other = gated(world.deps, async ({ port, method, run }) => {
        // It never comes to say that its commits are applied.
        if (port === 'log' && method === 'advance') throw new Trouble('dead', undefined);
        return run();
      });
      const slow = overtaken(world.deps, at, async () => {
        overtook = true;
        await workOn(other, received);
      });
      expect(received).not.toEqual([]);
      const failed = await workOn(slow, received);
      for (const { receipt } of received) if (!failed.has(receipt)) await world.ports.queue.delete(receipt);
      await world.settle();
      expect(world.ports.inbox.rows().headers, `overtaken before call ${at}`).toEqual([]);
      for await (const { scope, head } of world.ports.log.heads()) {
        expect((await commitsOf(world, scope)).at(-1)?.n, scope).toBe(head.applied);
      }
      if (!overtook) return;
    }
    throw new Error('a worker makes fewer calls than that');
  });
});
