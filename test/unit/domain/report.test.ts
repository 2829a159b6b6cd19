import { beforeEach, describe, expect, it } from 'vitest';
import { civic } from '../../../src/domain/civic.ts';
import { report } from '../../../src/domain/report.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { claims, ENGINE, officer } from '../../support/builders.ts';
import { Phone, TestScope } from '../../support/test-scope.ts';

/* Who may do what to a report, as the engine applies it (protocol.md, civic example domain). */

const engine = { ...ENGINE, domain: civic };
const AUTHORS = { title: 'New', description: 'D', category: 'parks', latitude: 1, longitude: 2, photos: ['p-1'], tags: ['t'] };

let scope: TestScope;
let author: Phone;
let road: Phone;
let park: Phone;
let both: Phone;

beforeEach(() => {
  scope = new TestScope('user:alice', engine);
  scope.attachments.set('p-1', { id: 'p-1', user: 'alice', state: 'ready' });
  author = new Phone('phone', claims(), engine);
  road = new Phone('desk', officer('rob', 'roads'), engine);
  park = new Phone('desk', officer('pia', 'parks'), engine);
  both = new Phone('own', officer('alice', 'roads'), engine);
});

const about = { entityType: 'report', entityId: 'r-1' };
const create = (phone: Phone, data: JsonObject) => phone.act({ ...about, actionType: 'create_report', data });
const update = (phone: Phone, data: JsonObject) => phone.act({ ...about, actionType: 'update_report', data });
const remove = (phone: Phone) => phone.act({ ...about, actionType: 'delete_report' });

function word(work: ReturnType<Phone['act']>): string {
  scope.commit(work);
  const { status, code, errors } = scope.outcomeOf(work);
  return [code ?? status, ...(errors ?? []).map((e) => e.pointer.replace('/data/', ''))].join(' ');
}

describe('a new report', () => {
  it('is received, lives with its author and is shared with its category’s department', () => {
    expect(word(create(author, { title: 'Hole', category: 'roads' }))).toBe('success');
    expect(scope.row('r-1', 'report')).toMatchObject({ home: 'user:alice', fields: { status: 'received' }, audience: ['department:roads'] });
    expect(report.homeOf(claims(), {})).toBe('user:alice');
  });

  it('has no officer’s fields, even from an officer', () => {
    expect(word(create(author, { title: 'Hole', category: 'roads', status: 'resolved' }))).toBe('forbidden status');
    expect(word(create(both, { title: 'Hole', category: 'roads', resolution_note: 'x' }))).toBe('forbidden resolution_note');
  });

  it('needs a title and a category', () => {
    expect(word(create(author, { description: 'D' }))).toBe('validation_failed title category');
    expect(word(create(author, { title: ' ', category: 'Roads!' }))).toBe('validation_failed title category');
  });
});

describe('a report', () => {
  beforeEach(() => void scope.commit(create(author, { title: 'Hole', category: 'roads' })));

  it('is its author’s but for the officers’ fields', () => {
    for (const [field, value] of Object.entries(AUTHORS)) expect([field, word(update(author, { [field]: value }))]).toEqual([field, 'success']);
    expect(word(update(author, { status: 'resolved' }))).toBe('forbidden status');
    expect(word(update(author, { resolution_note: 'x', title: 'T' }))).toBe('forbidden resolution_note');
  });

  it('is worked on by officers of its department, in their fields only', () => {
    expect(word(update(road, { status: 'in_progress', resolution_note: 'Coming' }))).toBe('success');
    for (const [field, value] of Object.entries(AUTHORS)) expect(word(update(road, { [field]: value }))).toBe(`forbidden ${field}`);
  });

  it('is all open to an author who is officer of its department', () => {
    expect(word(update(both, { status: 'in_progress', title: 'T' }))).toBe('success');
  });

  it('does not exist for others', () => {
    for (const stranger of [park, new Phone('x', claims({ sub: 'eve' }), engine), new Phone('x', claims({ sub: 'root', role: 'admin' }), engine)]) {
      expect(word(update(stranger, { status: 'resolved' }))).toBe('not_found');
    }
    expect(word(update(new Phone('x', claims({ sub: 'eve', departments: ['roads'] }), engine), { status: 'resolved' }))).toBe('not_found');
  });

  it('moves to another department with its category', () => {
    scope.commit(update(author, { category: 'parks' }));
    expect(scope.log.at(-1)?.changes).toMatchObject([{ to: ['department:parks', 'department:roads'], row: { audience: ['department:parks'] } }]);
    expect(word(update(road, { status: 'in_progress' }))).toBe('not_found');
    expect(word(update(park, { status: 'in_progress' }))).toBe('success');
  });

  it.each([
    ['received', 'in_progress', 'success'],
    ['received', 'dismissed', 'success'],
    ['in_progress', 'resolved', 'success'],
    ['resolved', 'in_progress', 'success'],
    ['dismissed', 'resolved', 'success'],
    ['in_progress', 'received', 'validation_failed status'],
    ['resolved', 'received', 'validation_failed status'],
    ['in_progress', 'lost', 'validation_failed status'],
    ['in_progress', null, 'validation_failed status'],
  ])('goes from %s to %s: %s', (from, to, expected) => {
    scope.commit(update(road, { status: from }));
    expect(word(update(road, { status: to }))).toBe(expected);
  });

  it('is deleted by its author, not by officers', () => {
    expect(word(remove(road))).toBe('forbidden');
    expect(word(remove(author))).toBe('success');
    expect(scope.row('r-1', 'report').state).toBe('deleted');
  });
});

describe('reports of older apps', () => {
  it('had lat and lng', () => {
    const old = author.act({ ...about, actionType: 'create_report', data: { title: 'T', category: 'roads', lat: 1.5, lng: -2 }, schemaVersion: 1 });
    expect(word(old)).toBe('success');
    expect(scope.fields('r-1', 'report')).toEqual({ title: 'T', category: 'roads', latitude: 1.5, longitude: -2, status: 'received' });
  });

  it('are lifted once: what is lifted stays as it is', () => {
    const lifted = report.upcast?.({ lat: null, title: 'T' }, 1);
    expect(lifted).toEqual({ latitude: null, title: 'T' });
    expect(report.upcast?.(lifted ?? {}, 1)).toEqual(lifted);
  });

  it('of a version that never was are refused', () => {
    expect(report.upcast?.({}, 0)).toBeUndefined();
  });

  it('may not use those names today', () => {
    expect(word(create(author, { title: 'T', category: 'roads', lat: 1 }))).toBe('validation_failed lat');
  });
});
