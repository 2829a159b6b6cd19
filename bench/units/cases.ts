import type { WireAction } from '../../src/protocol/upload.ts';
import type { Phone } from '../../local/demo/phone.ts';
import type { Tally } from '../meter/tally.ts';
import type { Stage } from '../stage/stage.ts';
import { reportData, taskData, textOf } from '../workload/texts.ts';

/** One thing that is counted. `actions`: how often it holds the thing; figures are per one of them. */
export type UnitCase = { readonly name: string; readonly actions: number; readonly run: (stage: Stage) => Promise<Tally> };

const BATCHES = [1, 5, 20];
const AUDIENCES = [0, 1, 2] as const;
type Audiences = (typeof AUDIENCES)[number];

/** Uploads, each an action or a batch of them. */
export const UPLOADS: readonly UnitCase[] = [
  ...BATCHES.flatMap((batch) => ([0, 1] as const).map((audiences) => creates(batch, audiences))),
  ...BATCHES.flatMap((batch) => AUDIENCES.map((audiences) => updates(batch, audiences))),
  { name: 'conflict, batch of 20', actions: 20, run: conflicts },
  { name: 'rejected, batch of 20', actions: 20, run: rejected },
  { name: 'resend of applied updates, batch of 20', actions: 20, run: resends },
  { name: 'resolve', actions: 1, run: resolves },
];

export function updateName(batch: number, audiences: number): string {
  return `update, batch of ${batch}, ${audiences} audiences`;
}

function creates(batch: number, audiences: 0 | 1): UnitCase {
  return {
    name: `create, batch of ${batch}, ${audiences} audiences`,
    actions: batch,
    async run(stage) {
      const phone = stage.phone(audiences === 0 ? await stage.officer('roads') : await stage.citizen());
      // A device that has been here before.
      create(phone, audiences, 1, 900);
      await push(phone);
      await phone.pull();
      create(phone, audiences, batch, 0);
      return stage.count(() => push(phone));
    },
  };
}

/** Updates of two fields of records that two devices have edited before. */
function updates(batch: number, audiences: Audiences): UnitCase {
  return {
    name: updateName(batch, audiences),
    actions: batch,
    async run(stage) {
      const { phone, records } = await busyRecords(stage, audiences, batch);
      edit(phone, audiences, records);
      return stage.count(() => push(phone));
    },
  };
}

export function edit(phone: Phone, audiences: Audiences, records: readonly WireAction[]): void {
  for (const [i, { client_id }] of records.entries()) {
    const title = textOf(200 + i, 40);
    if (audiences === 0) phone.edit('task', client_id, { title, due_date: '2030-04-01' });
    // One that moves from one department to another has both as audiences for that once.
    else phone.edit('report', client_id, audiences === 1 ? { title, latitude: 52.4 } : { title, category: 'parks' });
  }
}

export async function busyRecords(stage: Stage, audiences: Audiences, count: number) {
  const person = audiences === 0 ? await stage.officer('roads') : await stage.citizen();
  const [phone, tablet] = [stage.phone(person), stage.phone(person)];
  const records = create(phone, audiences, count, 0);
  await push(phone);
  await tablet.pull();
  for (const { client_id } of records) {
    if (audiences === 0) tablet.edit('task', client_id, { status: 'in_progress' });
    else tablet.edit('report', client_id, { tags: { $add: ['urgent'] } });
  }
  await push(tablet);
  await phone.pull();
  return { person, phone, tablet, records };
}

async function conflicts(stage: Stage): Promise<Tally> {
  const { phone, tablet, records } = await busyRecords(stage, 0, 20);
  for (const { client_id } of records) tablet.edit('task', client_id, { title: 'Mine' });
  await push(tablet);
  edit(phone, 0, records);
  return stage.count(() => push(phone));
}

async function rejected(stage: Stage): Promise<Tally> {
  const { phone, records } = await busyRecords(stage, 0, 20);
  for (const { client_id } of records) phone.edit('task', client_id, { title: '' });
  return stage.count(() => push(phone));
}

async function resends(stage: Stage): Promise<Tally> {
  const { phone, records } = await busyRecords(stage, 0, 20);
  edit(phone, 0, records);
  const sent = [...phone.outbox];
  await push(phone);
  phone.outbox.push(...sent);
  return stage.count(() => push(phone));
}

async function resolves(stage: Stage): Promise<Tally> {
  const { person, phone, tablet, records } = await busyRecords(stage, 0, 1);
  edit(tablet, 0, records);
  await push(tablet);
  for (const { client_id } of records) phone.edit('task', client_id, { title: 'Mine' });
  const answer = await phone.push();
  const [conflict] = answer?.conflicts ?? [];
  if (!conflict) throw new Error('there is no conflict to resolve');
  return stage.count(() => person.api.resolve({ conflict_id: conflict.id, strategy: 'client_wins' }));
}

function create(phone: Phone, audiences: Audiences, count: number, seed: number): WireAction[] {
  return Array.from({ length: count }, (_, i) =>
    audiences === 0 ? phone.create('task', taskData(seed + i, 'roads')) : phone.create('report', reportData(seed + i, 'roads')));
}

/** One upload that must end with the final word on every action. */
export async function push(phone: Phone): Promise<void> {
  await phone.push();
  if (phone.outbox.length > 0) throw new Error(`${phone.outbox.length} actions have no final word`);
}
