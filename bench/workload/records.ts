import type { Phone } from '../../local/demo/phone.ts';
import type { WireAction } from '../../src/protocol/upload.ts';
import { reportData, taskData, textOf } from './texts.ts';

/** Scopes that get a copy of a record: tasks have none here, reports their department, and two while they move. */
export type Audiences = 0 | 1 | 2;

/** Uploads what a phone has noted, until every action has its final word. */
export type Push = (phone: Phone) => Promise<void>;

/** Notes new small records; `seed` makes them differ from others. */
export function create(phone: Phone, audiences: Audiences, count: number, seed: number, department = 'roads'): WireAction[] {
  return Array.from({ length: count }, (_, i) =>
    audiences === 0 ? phone.create('task', taskData(seed + i, department)) : phone.create('report', reportData(seed + i, department)));
}

/** Notes an update of two fields of each record. */
export function edit(phone: Phone, audiences: Audiences, records: readonly WireAction[]): void {
  for (const [i, { client_id }] of records.entries()) {
    const title = textOf(200 + i, 40);
    if (audiences === 0) phone.edit('task', client_id, { title, due_date: '2030-04-01' });
    // One that moves from one department to another has both as audiences for that once.
    else phone.edit('report', client_id, audiences === 1 ? { title, latitude: 52.4 } : { title, category: 'parks' });
  }
}

/** Records that both devices of a person have edited before, and the phone knows as they are: their stamps are full. */
export async function busyRecords(phone: Phone, tablet: Phone, push: Push, audiences: Audiences, count: number): Promise<WireAction[]> {
  const records = create(phone, audiences, count, 0);
  await push(phone);
  await tablet.pull();
  for (const { client_id } of records) {
    if (audiences === 0) tablet.edit('task', client_id, { status: 'in_progress' });
    else tablet.edit('report', client_id, { tags: { $add: ['urgent'] } });
  }
  await push(tablet);
  await phone.pull();
  return records;
}
