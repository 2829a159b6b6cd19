import { beforeAll, describe, expect, it } from 'vitest';
import { createDynamo } from '../../src/adapters/dynamodb/stores.ts';
import type { Phone } from '../../local/demo/phone.ts';
import { createMemoryIds } from '../../src/adapters/memory/ids.ts';
import { useDynamo } from '../support/dynamodb-local.ts';
import { meter } from '../support/units.ts';
import { citizen, createWorld, officer, type World } from '../support/world.ts';

const ALICE = citizen('7d3f6b1e-9c52-4d0e-8f5e-3b0a4c1d2e6f');
const BORIS = officer('0b9e4c7a-1f3d-4e8b-9a6c-5d2f7e1a8b3c', 'roads');
const PHONE = 'c2a1b7d4-5e6f-4a8b-9c0d-1e2f3a4b5c6d';
const TABLET = '4f8e2d6c-7b1a-4c3d-8e9f-0a1b2c3d4e5f';

const WORDS = (
  'the a of in on at by near since for with without before after never always lamp street corner pavement broken dark water pipe leaks ' +
  'road hole deep dangerous bikes children school crossing sign bent missing tree branch fallen blocks path bench wet paint wall noise ' +
  'night morning Monday Friday week month again nobody came called twice number 12 47 103 please soon thanks neighbour dog park bin full'
).split(' ');

/** Sentences that differ from record to record, as people's do: a text that repeats would pack too well. */
function textOf(seed: number, length: number): string {
  const { random } = createMemoryIds(seed);
  let text = '';
  while (text.length < length) text += `${WORDS[Math.floor(random() * WORDS.length)]} `;
  return text.slice(0, length).trim();
}

/** The units are what this system costs (design 8). They are counted, not timed: the same on every machine. */
describe('request units', () => {
  const dynamo = useDynamo();
  let counter: ReturnType<typeof meter>;
  beforeAll(() => {
    counter = meter(dynamo.client);
  });

  async function world(): Promise<World> {
    const tables = await dynamo.fresh();
    const made = createWorld({ wrap: ({ clock, ids }) => createDynamo({ client: dynamo.client, tables, clock, ids }) });
    counter.take();
    return made;
  }

  /** Uploads, and again until every action has its final word. */
  async function done(w: World, phone: Phone): Promise<void> {
    for (let i = 0; i < 3 && phone.outbox.length > 0; i++) {
      await phone.push();
      await w.settle();
    }
    expect(phone.outbox).toEqual([]);
  }

  it('an update of a small record in a batch of 20, without audience, takes at most 3 write units', async () => {
    const w = await world();
    const phone = w.phone(BORIS, { deviceId: PHONE });
    const tablet = w.phone(BORIS, { deviceId: TABLET });
    const tasks = Array.from({ length: 20 }, (_, i) =>
      phone.create('task', { department: 'roads', title: textOf(i, 30), notes: textOf(100 + i, 120), due_date: `2030-03-${10 + i}` }),
    );
    await done(w, phone);
    await tablet.pull();
    for (const { client_id } of tasks) tablet.edit('task', client_id, { status: 'in_progress' });
    await done(w, tablet);
    await phone.pull();
    await w.clock.advance(3600_000);
    counter.take();

    for (const [i, { client_id }] of tasks.entries()) phone.edit('task', client_id, { title: textOf(200 + i, 30), due_date: '2030-04-01' });
    await phone.push();
    await w.settle();
    const { write } = counter.take();
    expect(write / 20).toBeLessThanOrEqual(3);
  });

  it('with one audience it takes at most 4.5', async () => {
    const w = await world();
    const phone = w.phone(ALICE, { deviceId: PHONE });
    const tablet = w.phone(ALICE, { deviceId: TABLET });
    const reports = Array.from({ length: 20 }, (_, i) =>
      phone.create('report', {
        title: textOf(i, 30), description: textOf(100 + i, 90), category: 'roads', latitude: 52.5 + i / 1e4, longitude: 13.4 + i / 1e4, tags: ['lamp', 'night'],
      }),
    );
    await done(w, phone);
    await tablet.pull();
    for (const { client_id } of reports) tablet.edit('report', client_id, { tags: { $add: ['urgent'] } });
    await done(w, tablet);
    await phone.pull();
    await w.clock.advance(3600_000);
    counter.take();

    for (const [i, { client_id }] of reports.entries()) phone.edit('report', client_id, { title: textOf(200 + i, 30), latitude: 52.4 });
    await phone.push();
    await w.settle();
    const { write } = counter.take();
    expect(write / 20).toBeLessThanOrEqual(4.5);
  });

  it('a poll that finds nothing takes at most one read unit per scope, and writes nothing', async () => {
    const w = await world();
    const phone = w.phone(BORIS, { deviceId: PHONE });
    phone.create('task', { department: 'roads', title: 'Repair the lamp' });
    await done(w, phone);
    await phone.pull();
    counter.take();
    await phone.pull();
    const { read, write } = counter.take();
    expect(read).toBeLessThanOrEqual(2);
    expect(write).toBe(0);
  });

  it('500 changed small records are downloaded in at most 30 read units', async () => {
    const w = await world();
    const phone = w.phone(BORIS, { deviceId: PHONE });
    const tablet = w.phone(BORIS, { deviceId: TABLET, limit: 1000 });
    await tablet.pull();
    for (let i = 0; i < 500; i++) {
      phone.create('task', { department: 'roads', title: textOf(i, 30), notes: textOf(1000 + i, 120), due_date: '2030-03-01' });
    }
    await done(w, phone);
    counter.take();
    await tablet.pull();
    const { read } = counter.take();
    expect(tablet.holdings.all()).toHaveLength(500);
    expect(read).toBeLessThanOrEqual(30);
  }, 60_000);
});
