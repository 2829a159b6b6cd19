import type { Phone } from '../../local/demo/phone.ts';
import type { Tally } from '../meter/tally.ts';
import type { Stage } from '../stage/stage.ts';
import { busyRecords, create, edit, type Audiences } from '../workload/records.ts';

/** One thing that is counted. `actions`: how often it holds the thing; figures are per one of them. */
export type UnitCase = { readonly name: string; readonly actions: number; readonly run: (stage: Stage) => Promise<Tally> };

const BATCHES = [1, 5, 20];

/** Uploads, each an action or a batch of them. */
export const UPLOADS: readonly UnitCase[] = [
  ...BATCHES.flatMap((batch) => ([0, 1] as const).map((audiences) => creates(batch, audiences))),
  ...BATCHES.flatMap((batch) => ([0, 1, 2] as const).map((audiences) => updates(batch, audiences))),
  { name: 'conflict, batch of 20', actions: 20, run: conflicts },
  { name: 'rejected, batch of 20', actions: 20, run: rejected },
  { name: 'resend of applied updates, batch of 20', actions: 20, run: resends },
  { name: 'resolve', actions: 1, run: resolves },
];

export function updateName(batch: number, audiences: Audiences): string {
  return `update, batch of ${batch}, ${audiences} audiences`;
}

function creates(batch: number, audiences: Audiences): UnitCase {
  return {
    name: `create, batch of ${batch}, ${audiences} audiences`,
    actions: batch,
    async run(stage) {
      const phone = stage.phone(await someone(stage, audiences));
      // A device that has been here before.
      create(phone, audiences, 1, 900);
      await push(phone);
      await phone.pull();
      create(phone, audiences, batch, 0);
      return stage.count(() => push(phone));
    },
  };
}

function updates(batch: number, audiences: Audiences): UnitCase {
  return {
    name: updateName(batch, audiences),
    actions: batch,
    async run(stage) {
      const { phone, records } = await busyPhones(stage, audiences, batch);
      edit(phone, audiences, records);
      return stage.count(() => push(phone));
    },
  };
}

async function conflicts(stage: Stage): Promise<Tally> {
  const { phone, tablet, records } = await busyPhones(stage, 0, 20);
  for (const { client_id } of records) tablet.edit('task', client_id, { title: 'Mine' });
  await push(tablet);
  edit(phone, 0, records);
  return stage.count(() => push(phone));
}

async function rejected(stage: Stage): Promise<Tally> {
  const { phone, records } = await busyPhones(stage, 0, 20);
  for (const { client_id } of records) phone.edit('task', client_id, { title: '' });
  return stage.count(() => push(phone));
}

async function resends(stage: Stage): Promise<Tally> {
  const { phone, records } = await busyPhones(stage, 0, 20);
  edit(phone, 0, records);
  const sent = [...phone.outbox];
  await push(phone);
  phone.outbox.push(...sent);
  return stage.count(() => push(phone));
}

async function resolves(stage: Stage): Promise<Tally> {
  const { person, phone, tablet, records } = await busyPhones(stage, 0, 1);
  edit(tablet, 0, records);
  await push(tablet);
  for (const { client_id } of records) phone.edit('task', client_id, { title: 'Mine' });
  const answer = await phone.push();
  const [conflict] = answer?.conflicts ?? [];
  if (!conflict) throw new Error('there is no conflict to resolve');
  return stage.count(() => person.api.resolve({ conflict_id: conflict.id, strategy: 'client_wins' }));
}

/** Two devices of one person, and records that both have edited. */
export async function busyPhones(stage: Stage, audiences: Audiences, count: number) {
  const person = await someone(stage, audiences);
  const [phone, tablet] = [stage.phone(person), stage.phone(person)];
  return { person, phone, tablet, records: await busyRecords(phone, tablet, push, audiences, count) };
}

function someone(stage: Stage, audiences: Audiences) {
  return audiences === 0 ? stage.officer('roads') : stage.citizen();
}

/** One upload that must end with the final word on every action. */
export async function push(phone: Phone): Promise<void> {
  await phone.push();
  if (phone.outbox.length > 0) throw new Error(`${phone.outbox.length} actions have no final word`);
}
