import { beforeEach, describe, expect, it } from 'vitest';
import { civic } from '../../../src/domain/civic.ts';
import { task } from '../../../src/domain/task.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { claims, ENGINE, officer } from '../../support/builders.ts';
import { Phone, TestScope } from '../../support/test-scope.ts';

/* Who may do what to a task, as the engine applies it (protocol.md, civic example domain). */

const engine = { ...ENGINE, domain: civic };
const about = { entityType: 'task', entityId: 't-1' };

let scope: TestScope;
let road: Phone;
let worker: Phone;
let stranger: Phone;

beforeEach(() => {
  scope = new TestScope('department:roads', engine);
  road = new Phone('desk', officer('rob', 'roads'), engine);
  worker = new Phone('phone', claims({ sub: 'wendy' }), engine);
  stranger = new Phone('phone', officer('pia', 'parks'), engine);
});

const create = (phone: Phone, data: JsonObject) => phone.act({ ...about, actionType: 'create_task', data });
const update = (phone: Phone, data: JsonObject) => phone.act({ ...about, actionType: 'update_task', data });
const step = (phone: Phone, data: JsonObject) => phone.act({ ...about, actionType: 'update_task_status', data });
const remove = (phone: Phone) => phone.act({ ...about, actionType: 'delete_task' });

function word(work: ReturnType<Phone['act']>): string {
  scope.commit(work);
  const { status, code, errors } = scope.outcomeOf(work);
  return [code ?? status, ...(errors ?? []).map((e) => e.pointer.replace('/data/', ''))].join(' ');
}

describe('a new task', () => {
  it('is open and unvisited, lives with its department and is shared with its assignee', () => {
    expect(word(create(road, { department: 'roads', title: 'Fill', assignee: 'wendy', due_date: '2026-03-01', report_id: 12 }))).toBe('success');
    expect(scope.row('t-1', 'task')).toMatchObject({ home: 'department:roads', fields: { status: 'open', visits: 0 }, audience: ['user:wendy'] });
  });

  it('has the home that its department says, if it says one', () => {
    expect(task.homeOf(claims(), { department: 'roads' })).toBe('department:roads');
    expect(task.homeOf(claims(), {})).toBeUndefined();
    expect(task.homeOf(claims(), { department: 7 })).toBeUndefined();
  });

  it('is for officers of its department alone', () => {
    const data = { department: 'roads', title: 'Fill' };
    expect(word(create(stranger, data))).toBe('forbidden');
    expect(word(create(worker, data))).toBe('forbidden');
    expect(word(create(new Phone('x', claims({ sub: 'eve', departments: ['roads'] }), engine), data))).toBe('forbidden');
  });

  it('needs a department and a title', () => {
    expect(task.mayCreate(officer('rob', 'roads'), {})).toBe(false);
    expect(word(create(road, { department: 'roads' }))).toBe('validation_failed title');
  });
});

describe('a task', () => {
  beforeEach(() => void scope.commit(create(road, { department: 'roads', title: 'Fill', assignee: 'wendy' })));

  it('is its officers’, but for its department', () => {
    const all = { title: 'T', notes: 'N', report_id: 'r-1', status: 'done', due_date: null, visits: { $inc: 2 } };
    for (const [field, value] of Object.entries(all)) expect([field, word(update(road, { [field]: value }))]).toEqual([field, 'success']);
    expect(word(update(road, { department: 'parks' }))).toBe('validation_failed department');
    expect(word(update(road, { department: 'roads', title: 'U' }))).toBe('success');
  });

  it('is kept by its assignee in status, notes and visits', () => {
    expect(word(update(worker, { status: 'in_progress', notes: 'On my way', visits: { $inc: 1 } }))).toBe('success');
    expect(word(step(worker, { status: 'done' }))).toBe('success');
    expect(word(update(worker, { title: 'T' }))).toBe('forbidden title');
    expect(word(update(worker, { assignee: 'eve' }))).toBe('forbidden assignee');
    expect(word(remove(worker))).toBe('forbidden');
  });

  it('is gone for someone to whom it is no longer assigned', () => {
    expect(word(update(road, { assignee: 'eve' }))).toBe('success');
    expect(scope.row('t-1', 'task').audience).toEqual(['user:eve']);
    expect(word(update(worker, { status: 'done' }))).toBe('not_found');
  });

  it('does not exist for officers of other departments', () => {
    expect(word(update(stranger, { status: 'done' }))).toBe('not_found');
    expect(word(remove(stranger))).toBe('success');
    expect(scope.row('t-1', 'task').state).toBe('live');
  });

  it('takes any step of its status, and only that in update_task_status', () => {
    for (const status of ['done', 'open', 'cancelled', 'in_progress']) expect(word(step(road, { status }))).toBe('success');
    expect(word(step(road, { status: 'received' }))).toBe('validation_failed status');
    expect(word(step(road, { status: 'done', notes: 'x' }))).toBe('validation_failed notes');
  });

  it('counts visits from both sides, never below zero', () => {
    scope.commit(update(worker, { visits: { $inc: 2 } }), update(road, { visits: { $inc: 1 } }));
    expect(scope.fields('t-1', 'task')['visits']).toBe(3);
    expect(word(update(road, { visits: { $inc: -4 } }))).toBe('validation_failed visits');
  });

  it('is deleted by its officers', () => {
    expect(word(remove(road))).toBe('success');
    expect(scope.row('t-1', 'task').state).toBe('deleted');
  });
});
