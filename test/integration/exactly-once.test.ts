import { describe, expect, it } from 'vitest';
import type { Received } from '../../src/adapters/memory/queue.ts';
import { allOutcomes, outcomeCounts, snapshot } from '../support/observe.ts';
import { citizen, createWorld, workOn, type World } from '../support/world.ts';

const ALICE = citizen('alice');
const report = (title: string) => ({ title, category: 'roads' });

async function outcomesOnce(world: World): Promise<void> {
  const counts = outcomeCounts(await allOutcomes(world));
  expect([...counts.values()].filter((count) => count !== 1)).toEqual([]);
}

describe('one outcome per action (P2)', () => {
  it('however often its message is delivered', async () => {
    const world = createWorld();
    const phone = world.phone(ALICE, { deviceId: 'p1' });
    const created = phone.create('report', report('Pothole'));
    await phone.push();
    for (let i = 0; i < 3; i++) {
      await world.deliver({ forget: true });
      await world.clock.advance(181_000);
    }
    await world.settle();
    await outcomesOnce(world);
    expect(await snapshot(world, ALICE)).toMatchObject([{ entity_id: created.client_id, title: 'Pothole' }]);
  });

  it('however often it is uploaded, before and after it was applied; a resend says so', async () => {
    const world = createWorld();
    const phone = world.phone(ALICE, { deviceId: 'p1' });
    const created = phone.create('report', report('Pothole'));
    const server = world.server(ALICE);
    const body = { device_id: 'p1', actions: [created] };
    const first = await server.upload(body);
    const second = await server.upload(body);
    expect(first.results).toMatchObject([{ status: 'queued' }]);
    expect(second.results).toMatchObject([{ status: 'queued', duplicate: true }]);
    await world.settle();
    const third = await server.upload(body);
    await world.settle();
    const [answer] = (await server.upload(body)).results;
    await world.settle();
    expect(answer).toMatchObject({ status: 'success', duplicate: true, server_id: expect.any(Number), version: 1 });
    expect(third.results).toMatchObject([{ client_id: created.client_id }]);
    expect(await allOutcomes(world)).toHaveLength(1);
    expect(await snapshot(world, ALICE)).toHaveLength(1);
  });

  it('also when another of the user’s devices sends it again: that is a resend too', async () => {
    const world = createWorld();
    const created = world.phone(ALICE, { deviceId: 'p1' }).create('report', report('Pothole'));
    const server = world.server(ALICE);
    await server.upload({ device_id: 'p1', actions: [created] });
    await world.settle();
    // The first action of the first upload of each: the same place in the order of either device.
    const [answer] = (await server.upload({ device_id: 'p2', actions: [created] })).results;
    expect(answer).toMatchObject({ status: 'success', duplicate: true, version: 1 });
    await outcomesOnce(world);
  });

  it('with many workers on one scope at once', async () => {
    const world = createWorld();
    const ids: string[] = [];
    for (const device of ['p1', 'p2', 'p3']) {
      const phone = world.phone(ALICE, { deviceId: device });
      for (let i = 0; i < 30; i++) ids.push(phone.create('report', report(`${device} ${i}`)).client_id);
      await phone.push();
    }
    const received = await world.ports.queue.receive(10);
    expect(received.length).toBeGreaterThan(2);
    const orders: Received[][] = [received, [...received].reverse(), received.slice(1), received];
    const failed = await Promise.all(orders.map((messages) => workOn(world.deps, messages)));
    // Losers of the race for a commit number may ask for another delivery; nobody may answer wrongly.
    for (const { receipt } of received) if (failed.some((set) => !set.has(receipt))) await world.ports.queue.delete(receipt);
    await world.heal();
    await outcomesOnce(world);
    expect((await allOutcomes(world)).map(({ clientId }) => clientId).sort()).toEqual([...ids].sort());
    expect(await snapshot(world, ALICE)).toHaveLength(ids.length);
    expect(world.ports.inbox.rows().headers).toEqual([]);
  });

  it('and none of its content when the client_id was used before for something else', async () => {
    const world = createWorld();
    const phone = world.phone(ALICE, { deviceId: 'p1' });
    const created = phone.create('report', report('Pothole'));
    await phone.push();
    const server = world.server(ALICE);
    const other = { ...created, data: report('Something else') };
    const early = await server.upload({ device_id: 'p1', actions: [other] });
    await world.settle();
    const late = await server.upload({ device_id: 'p1', actions: [other] });
    await world.settle();
    for (const answer of [early, late]) {
      expect(answer.results).toMatchObject([{ status: 'rejected', error: { code: 'client_id_reused' } }]);
    }
    expect(await snapshot(world, ALICE)).toMatchObject([{ title: 'Pothole' }]);
    await outcomesOnce(world);
  });

  it('keeps a device’s edits of one record in its order across uploads (P3)', async () => {
    const world = createWorld();
    const phone = world.phone(ALICE, { deviceId: 'p1' });
    const id = phone.create('report', report('0')).client_id;
    await phone.push();
    for (let i = 1; i <= 5; i++) {
      phone.edit('report', id, { title: String(i) });
      await phone.push();
      // What was sent stays in the outbox and goes along with every upload.
    }
    await world.settle();
    await phone.sync();
    expect(phone.holdings.find('report', id)).toMatchObject({ title: '5' });
    expect(phone.outbox).toEqual([]);
    await outcomesOnce(world);
  });
});
