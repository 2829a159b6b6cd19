import { describe, expect, it } from 'vitest';
import type { Phone } from '../../local/demo/phone.ts';
import type { WireDeleted } from '../../src/protocol/record.ts';
import { citizen, fresh, officer, type Person } from '../support/people.ts';

/** A task of a department, assigned to somebody who is no officer of it. */
async function assigned() {
  const department = fresh('parks');
  const [olga, bea] = await Promise.all([officer(department), citizen('bea')]);
  const [desk, field] = [olga.phone(), bea.phone()];
  const data = { department, title: 'Cut the hedge', assignee: bea.sub, due_date: '2031-05-01' };
  const id = desk.create('task', data).client_id;
  expect((await desk.sync())?.results).toMatchObject([{ status: 'success', home: `department:${department}` }]);
  await holds(field, id, { title: 'Cut the hedge' });
  return { department, olga, bea, desk, field, id };
}

async function holds(device: Phone, id: string, fields: object | undefined): Promise<void> {
  const held = async () => (await device.pull(), device.holdings.find('task', id));
  if (fields === undefined) await expect.poll(held, { timeout: 30_000 }).toBeUndefined();
  else await expect.poll(held, { timeout: 30_000 }).toMatchObject(fields);
}

const lastResult = async (device: Phone) => (await device.push())?.results[0];

describe('a task', () => {
  it('is seen by its department at home, and by who it is assigned to as a copy', async () => {
    const { department, bea, desk, field, id } = await assigned();
    const home = `department:${department}`;
    expect(desk.holdings.find('task', id)).toMatchObject({ scope: home, home, status: 'open', visits: 0 });
    expect(field.holdings.find('task', id)).toMatchObject({ scope: bea.home, home, status: 'open', visits: 0, due_date: '2031-05-01' });
  });

  it('lets the assignee keep status, notes and visits, through the copy and without naming its home', async () => {
    const { department, bea, desk, field, id } = await assigned();
    field.act({ action_type: 'update_task_status', entity_type: 'task', entity_id: id, data: { status: 'in_progress' } });
    field.edit('task', id, { notes: 'Ladder needed', visits: { $inc: 1 } });
    field.edit('task', id, { visits: { $inc: 2 } });
    const results = (await field.push())?.results ?? [];
    expect(results.map(({ status, home }) => ({ status, home }))).toEqual(
      Array.from({ length: 3 }, () => ({ status: 'success', home: `department:${department}` })),
    );
    await holds(desk, id, { status: 'in_progress', notes: 'Ladder needed', visits: 3, updated_by: bea.sub });
    await holds(field, id, { status: 'in_progress', visits: 3 });
  });

  it('refuses the assignee what is the department’s', async () => {
    const { field, id } = await assigned();
    field.edit('task', id, { title: 'Do nothing' });
    expect(await lastResult(field)).toMatchObject({ status: 'rejected', error: { code: 'forbidden', errors: [{ pointer: '/actions/0/data/title' }] } });
    field.delete('task', id);
    expect(await lastResult(field)).toMatchObject({ status: 'rejected', error: { code: 'forbidden' } });
  });

  it('counts visits from both sides without a conflict', async () => {
    const { desk, field, id } = await assigned();
    field.edit('task', id, { visits: { $inc: 1 } });
    desk.edit('task', id, { visits: { $inc: 10 } });
    await desk.push();
    expect(await lastResult(field)).toMatchObject({ status: 'success', merged: true });
    await holds(field, id, { visits: 11 });
    await holds(desk, id, { visits: 11 });
  });

  it('is a question when both sides changed the status, for the one who came second', async () => {
    const { bea, desk, field, id } = await assigned();
    desk.edit('task', id, { status: 'cancelled' });
    field.edit('task', id, { status: 'done' });
    await desk.push();
    expect(await lastResult(field)).toMatchObject({ status: 'conflict', resolution: 'unresolved' });
    const [conflict] = await bea.api.conflicts();
    expect(conflict).toMatchObject({ conflicting_fields: ['status'], client_data: { status: 'done' }, server_data: { status: 'cancelled' } });
    await bea.api.resolve({ conflict_id: conflict?.id ?? '', strategy: 'client_wins' });
    await holds(desk, id, { status: 'done' });
    await holds(field, id, { status: 'done' });
  });

  it('leaves the assignee when it is given to somebody else, and returns with all its changes', async () => {
    const { bea, desk, field, id } = await assigned();
    desk.edit('task', id, { assignee: null });
    await desk.sync();
    await holds(field, id, undefined);
    desk.edit('task', id, { notes: 'Only the front', assignee: bea.sub });
    await desk.sync();
    await holds(field, id, { notes: 'Only the front' });
  });

  it('that is deleted is deleted for the assignee too', async () => {
    const { bea, desk, field, id } = await assigned();
    desk.delete('task', id);
    await desk.sync();
    const gone: WireDeleted[] = [];
    const pulled = async () => (gone.push(...(await field.pull()).flatMap((page) => page.deleted['tasks'] ?? [])), gone.length);
    await expect.poll(pulled, { timeout: 30_000 }).toBe(1);
    expect(gone).toMatchObject([{ entity_id: id, scope: bea.home, reason: 'deleted' }]);
    expect(field.holdings.all()).toEqual([]);
  });

  it('stays in its department: the field that decides its home can’t change', async () => {
    const { desk, id } = await assigned();
    desk.edit('task', id, { department: 'elsewhere' });
    expect(await lastResult(desk)).toMatchObject({
      status: 'rejected',
      error: { code: 'validation_failed', errors: [{ pointer: '/actions/0/data/department', code: 'immutable' }] },
    });
  });

  it('is made by officers of the department only', async () => {
    const department = fresh('parks');
    const create = async (person: Person) => {
      const device = person.phone();
      device.create('task', { department, title: 'Mine' });
      return lastResult(device);
    };
    expect(await create(await citizen())).toMatchObject({ status: 'rejected', error: { code: 'forbidden' } });
    expect(await create(await officer(fresh('roads')))).toMatchObject({ status: 'rejected', error: { code: 'forbidden' } });
    expect(await create(await officer(department))).toMatchObject({ status: 'success' });
  });
});

describe('a report’s status', () => {
  it('is the officers’: any step but back to received; its author can’t set it', async () => {
    const department = fresh('roads');
    const [alice, olga] = await Promise.all([citizen(), officer(department)]);
    const [phone, desk] = [alice.phone(), olga.phone()];
    const id = phone.create('report', { title: 'Pothole', category: department }).client_id;
    await phone.sync();
    await expect.poll(async () => (await desk.pull(), desk.holdings.find('report', id)), { timeout: 30_000 }).toBeDefined();
    phone.edit('report', id, { status: 'resolved' });
    expect(await lastResult(phone)).toMatchObject({ status: 'rejected', error: { code: 'forbidden' } });
    desk.edit('report', id, { status: 'resolved' });
    expect(await lastResult(desk)).toMatchObject({ status: 'success' });
    desk.edit('report', id, { status: 'received' });
    expect(await lastResult(desk)).toMatchObject({ status: 'rejected', error: { code: 'validation_failed', errors: [{ code: 'status_step' }] } });
    desk.edit('report', id, { title: 'Not mine to name' });
    expect(await lastResult(desk)).toMatchObject({ status: 'rejected', error: { code: 'forbidden' } });
    desk.delete('report', id);
    expect(await lastResult(desk)).toMatchObject({ status: 'rejected', error: { code: 'forbidden' } });
  });
});

describe('two records of one id in different homes', () => {
  it('stay apart: nobody shadows another’s record by choosing its id (P10)', async () => {
    const department = fresh('roads');
    const [alice, bob, olga] = await Promise.all([citizen(), citizen('bob'), officer(department)]);
    const id = fresh('report');
    const [mine] = (await alice.upload([{ entity_id: id, data: { title: 'Alice’s', category: department } }])).results;
    const [theirs] = (await bob.upload([{ entity_id: id, data: { title: 'Bob’s', category: department } }])).results;
    expect([mine, theirs]).toMatchObject([{ status: 'success' }, { status: 'success' }]);
    const desk = olga.phone();
    await expect.poll(async () => (await desk.pull(), desk.holdings.all().length), { timeout: 30_000 }).toBe(2);
    const edit = (home: string) => ({ action_type: 'update_report', entity_id: id, home, data: { resolution_note: `for ${home}` } });
    await olga.upload([edit(alice.home), edit(bob.home)]);
    for (const { api, home } of [alice, bob]) {
      expect((await api.download({ device_id: 'x' })).data['reports']).toMatchObject([{ entity_id: id, home, resolution_note: `for ${home}` }]);
    }
    // Without a home the one with the lower server_id is meant.
    await olga.upload([{ action_type: 'update_report', entity_id: id, data: { status: 'in_progress' } }]);
    expect((await alice.api.download({ device_id: 'y' })).data['reports']).toMatchObject([{ status: 'in_progress' }]);
    expect((await bob.api.download({ device_id: 'y' })).data['reports']).toMatchObject([{ status: 'received' }]);
  });
});
