import { beforeAll, describe, expect, it } from 'vitest';
import { busyRecords, create, edit, type Audiences } from '../../bench/workload/records.ts';
import { noteUpdates, seedScope, seededCursor } from '../../bench/workload/seed.ts';
import { taskData } from '../../bench/workload/texts.ts';
import type { Phone } from '../../local/demo/phone.ts';
import { createDynamo } from '../../src/adapters/dynamodb/stores.ts';
import { useDynamo } from '../support/dynamodb-local.ts';
import { PhotoDesk, photo } from '../support/photos.ts';
import { meter, type Units } from '../support/units.ts';
import { citizen, createWorld, officer, type World } from '../support/world.ts';

const ALICE = citizen('7d3f6b1e-9c52-4d0e-8f5e-3b0a4c1d2e6f');
const BORIS = officer('0b9e4c7a-1f3d-4e8b-9a6c-5d2f7e1a8b3c', 'roads');
const PHONE = 'c2a1b7d4-5e6f-4a8b-9c0d-1e2f3a4b5c6d';
const TABLET = '4f8e2d6c-7b1a-4c3d-8e9f-0a1b2c3d4e5f';

/**
 * The units are what this system costs (design 8). They are counted, not timed: the same on every machine. A budget is
 * what it costs today; whoever makes it cheaper lowers it, and whoever raises it says why in docs/performance.md.
 */
describe('request units', () => {
  const dynamo = useDynamo();
  let counter: ReturnType<typeof meter>;
  beforeAll(() => {
    counter = meter(dynamo.client);
  });

  async function world(): Promise<World> {
    const tables = await dynamo.fresh();
    return createWorld({ wrap: ({ clock, ids }) => createDynamo({ client: dynamo.client, tables, clock, ids }) });
  }

  function phones(w: World, audiences: Audiences): [phone: Phone, tablet: Phone] {
    const who = audiences === 0 ? BORIS : ALICE;
    return [w.phone(who, { deviceId: PHONE, limit: 1000 }), w.phone(who, { deviceId: TABLET, limit: 1000 })];
  }

  /** Uploads, and again until every action has its final word. */
  const done = (w: World) => async (phone: Phone): Promise<void> => {
    for (let i = 0; i < 3 && phone.outbox.length > 0; i++) {
      await phone.push();
      await w.settle();
    }
    expect(phone.outbox).toEqual([]);
  };

  async function counted(act: () => Promise<unknown>): Promise<Units> {
    counter.take();
    await act();
    return counter.take();
  }

  /** What it takes to accept an upload, and to apply it. */
  async function uploading(w: World, phone: Phone): Promise<{ accepted: Units; applied: Units }> {
    return { accepted: await counted(() => phone.push()), applied: await counted(() => w.settle()) };
  }

  function within(what: string, value: number, budget: number): void {
    expect(value, `${what}: ${value.toFixed(2)}, at most ${budget}`).toBeLessThanOrEqual(budget);
  }

  it.each([
    { batch: 1, audiences: 0, writes: 9, reads: 5, calls: 16 },
    { batch: 1, audiences: 1, writes: 12, reads: 9, calls: 23 },
    { batch: 20, audiences: 0, writes: 2.75, reads: 2.15, calls: 2.7 },
    { batch: 20, audiences: 1, writes: 4, reads: 4.25, calls: 4 },
    { batch: 20, audiences: 2, writes: 7.1, reads: 6.35, calls: 7.3 },
  ] as const)('an update of a small record, batch of $batch, $audiences audiences', async ({ batch, audiences, writes, reads, calls }) => {
    const w = await world();
    const [phone, tablet] = phones(w, audiences);
    const records = await busyRecords(phone, tablet, done(w), audiences, batch);
    edit(phone, audiences, records);
    const { accepted, applied } = await uploading(w, phone);
    within('write units per update', (accepted.write + applied.write) / batch, writes);
    within('read units of the worker per update', applied.read / batch, reads);
    within('calls to DynamoDB per update', (accepted.calls + applied.calls) / batch, calls);

    // It asks for them when all is done.
    const results = await counted(() => w.results(audiences === 0 ? BORIS : ALICE, PHONE, records.map(({ client_id }) => client_id)));
    within('read units of the outcomes, per action', results.read / batch, batch === 1 ? 2.5 : 0.6);
  });

  it.each([
    { audiences: 0, writes: 3.75, reads: 2.15 },
    { audiences: 1, writes: 5.95, reads: 4.25 },
  ] as const)('a new small record in a batch of 20, $audiences audiences', async ({ audiences, writes, reads }) => {
    const w = await world();
    const [phone, tablet] = phones(w, audiences);
    await phone.pull();
    create(phone, audiences, 20, 0);
    const { accepted, applied } = await uploading(w, phone);
    create(tablet, audiences, 20, 20);
    const first = await counted(() => tablet.push());
    within('write units more, once, for a device that was never there', first.write - accepted.write, 1);
    within('write units per create', (accepted.write + applied.write) / 20, writes);
    within('read units of the worker per create', applied.read / 20, reads);
  });

  it('a conflict and an action that comes again, in batches of 20', async () => {
    const w = await world();
    const [phone, tablet] = phones(w, 0);
    const records = await busyRecords(phone, tablet, done(w), 0, 20);
    for (const { client_id } of records) tablet.edit('task', client_id, { title: 'Mine' });
    await done(w)(tablet);
    edit(phone, 0, records);
    const sent = [...phone.outbox];
    const contested = await uploading(w, phone);
    within('write units per conflict', (contested.accepted.write + contested.applied.write) / 20, 6.8);
    await done(w)(phone);
    phone.outbox.push(...sent);
    const again = await uploading(w, phone);
    within('write units per resend', (again.accepted.write + again.applied.write) / 20, 0.45);
  });

  it.each([
    { first: 'the photo', writes: 25, reads: 23.5 },
    { first: 'the report', writes: 42, reads: 41 },
  ] as const)('a photo of a report that is there, announced, sent, named and told, $first first', async ({ first, writes, reads }) => {
    const w = await world();
    const desk = new PhotoDesk(w);
    const [phone] = phones(w, 1);
    const { client_id: report } = phone.create('report', { title: 'Pothole', category: 'roads' });
    await done(w)(phone);
    await phone.pull();
    const spent = await counted(async () => {
      const announced = await desk.announce(ALICE, 'p-1', photo('a'));
      const arrive = async () => {
        desk.send(announced, photo('a'));
        await desk.arrived(announced.attachment_id);
      };
      if (first === 'the photo') await arrive();
      phone.edit('report', report, { photos: { $add: [announced.attachment_id] } });
      await phone.push();
      await w.settle();
      if (first === 'the report') await arrive();
      await w.settle();
      await desk.sweep();
    });
    within('write units', spent.write, writes);
    within('read units', spent.read, reads);
  });

  it('a poll that finds nothing: one read unit per scope, and no write', async () => {
    const w = await world();
    const [phone] = phones(w, 0);
    phone.create('task', { department: 'roads', title: 'Repair the lamp' });
    await done(w)(phone);
    await phone.pull();
    const { read, write } = await counted(() => phone.pull());
    within('read units per scope', read / 2, 1);
    expect(write).toBe(0);
  });

  it('in a scope of 1,000 records and commits everything costs what it costs in one of 10', async () => {
    const costs = async (count: number) => {
      const tables = await dynamo.fresh();
      const w = createWorld({ wrap: ({ clock, ids }) => createDynamo({ client: dynamo.client, tables, clock, ids }) });
      const [phone] = phones(w, 0);
      const seeded = await seedScope(dynamo.client, tables, 'roads', count, (i) => taskData(i % 10, 'roads'), w.clock.now());
      phone.cursor = seededCursor(seeded, BORIS.sub, w.clock.now());
      const poll = await counted(() => phone.pull());
      noteUpdates(phone, seeded, 10);
      const { accepted, applied } = await uploading(w, phone);
      const changes = await counted(() => phone.pull());
      expect(phone.holdings.all()).toHaveLength(10);
      return { poll, accepted, applied, changes };
    };
    expect(await costs(1000)).toEqual(await costs(10));
  });

  it('500 small changes of 25 commits, and a snapshot of as many records', async () => {
    const w = await world();
    const [phone, tablet] = phones(w, 0);
    await tablet.pull();
    for (let i = 0; i < 500; i += 20) {
      create(phone, 0, 20, i);
      await phone.push();
      await w.settle();
    }
    const changes = await counted(() => tablet.pull());
    expect(tablet.holdings.all()).toHaveLength(500);
    within('read units for 500 changes', changes.read, 15);
    const fresh = w.phone(BORIS, { deviceId: 'd', limit: 1000 });
    const snapshot = await counted(() => fresh.pull());
    expect(fresh.holdings.all()).toHaveLength(500);
    within('read units for a snapshot of 500', snapshot.read, 80);
  }, 60_000);
});
