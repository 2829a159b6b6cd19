import { beforeEach, describe, expect, it } from 'vitest';
import { civic } from '../../../src/domain/civic.ts';
import { attachmentsToRead } from '../../../src/engine/attachments.ts';
import type { AcceptedAction, AttachmentState } from '../../../src/engine/model.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { claims, ENGINE, officer } from '../../support/builders.ts';
import { Phone, TestScope } from '../../support/test-scope.ts';

const engine = { ...ENGINE, domain: civic };
const about = { entityType: 'report', entityId: 'r-1' };
const REPORT = { title: 'Hole', category: 'roads' };

let scope: TestScope;
let alice: Phone;
let server: Phone;

beforeEach(() => {
  scope = new TestScope('user:alice', engine);
  alice = new Phone('phone', claims(), engine);
  server = new Phone('~photo', claims(), engine);
  for (const id of ['p-1', 'p-2', 'p-3']) scope.attachments.set(id, { id, user: 'alice', state: 'awaited' });
  scope.attachments.set('of-bob', { id: 'of-bob', user: 'bob', state: 'ready' });
  scope.attachments.set('taken', { id: 'taken', user: 'alice', state: 'ready', attachedTo: 'report#r-9#user:alice' });
});

const create = (data: JsonObject, entityId = 'r-1', more = {}) => alice.act({ ...about, entityId, actionType: 'create_report', data: { ...REPORT, ...data }, ...more });
const update = (data: JsonObject, more = {}) => alice.act({ ...about, actionType: 'update_report', data, ...more });
const remove = () => alice.act({ ...about, actionType: 'delete_report' });
const told = (id: string, state: AttachmentState) => {
  return server.act({ ...about, actionType: 'attachment_state', attachment: { id, state } } as never);
};
const shown = () => scope.row('r-1', 'report').attachments;
const statusOf = (work: ReturnType<Phone['act']>) => {
  scope.commit(work);
  const { status, errors } = scope.outcomeOf(work);
  return [status, ...(errors ?? []).map(({ code }) => code)].join(' ');
};
const links = () => scope.links.splice(0).map(({ id, live, state, n }) => `${n} ${live ? state : 'released'} ${id}`);

describe('attachments of a record', () => {
  it('are shown with their state, linked once, and released when the record does not name them any more', () => {
    scope.commit(create({ photos: ['p-2', 'p-1'] }));
    expect(shown()).toEqual({ 'p-1': 'awaited', 'p-2': 'awaited' });
    expect(links()).toEqual(['1 awaited p-1', '1 awaited p-2']);
    scope.commit(update({ title: 'Deep hole' }));
    expect(links()).toEqual([]);
    scope.commit(update({ photos: { $remove: ['p-1'] } }));
    expect(links()).toEqual(['3 released p-1']);
    scope.commit(update({ photos: null }));
    expect(shown()).toBeUndefined();
    expect(links()).toEqual(['4 released p-2']);
    scope.commit(update({ photos: { $add: ['p-1', 'p-3'] } }));
    expect(links()).toEqual(['5 awaited p-1', '5 awaited p-3']);
    scope.commit(remove());
    expect(links()).toEqual(['6 released p-1', '6 released p-3']);
  });

  it('that come and go within one commit leave no link', () => {
    scope.commit(create({}), update({ photos: ['p-1'] }), update({ photos: [] }));
    expect(links()).toEqual([]);
    scope.commit(update({ photos: ['p-1'] }), update({ photos: { $add: ['p-2'] } }));
    expect(links()).toEqual(['2 awaited p-1', '2 awaited p-2']);
  });

  it('must be the actor\'s own and of no other record; all others are refused alike, with a pointer', () => {
    for (const id of ['of-bob', 'taken', 'never announced']) {
      expect(statusOf(create({ photos: [id] }, `r-${id.length}`))).toBe(id.includes(' ') ? 'rejected invalid_value' : 'rejected unknown_attachment');
    }
    expect(statusOf(create({ photos: ['p-1', 'unknown'] }))).toBe('rejected unknown_attachment');
    expect(statusOf(create({ photos: ['p-1'] }))).toBe('success');
    expect(statusOf(update({ photos: ['p-1', 'of-bob'] }))).toBe('rejected unknown_attachment');
    expect(statusOf(update({ photos: { $add: ['taken'] } }))).toBe('rejected unknown_attachment');
    expect(statusOf(update({ photos: { $remove: ['of-bob'] } }))).toBe('success');
    // Two records in one commit: the first has it.
    const [first, second] = [create({ photos: ['p-2'] }, 'r-2'), create({ photos: ['p-2'] }, 'r-3')];
    scope.commit(first, second);
    expect([scope.outcomeOf(first).status, scope.outcomeOf(second).status]).toEqual(['success', 'rejected']);
  });

  it('say nothing to an officer, who may not set the field at all', () => {
    scope.commit(create({ photos: ['p-1'] }));
    const rob = new Phone('desk', officer('rob', 'roads'), engine);
    for (const id of ['p-1', 'p-2', 'unknown']) {
      const work = rob.act({ ...about, actionType: 'update_report', data: { photos: { $add: [id, 'x'] } } });
      scope.commit(work);
      expect(scope.outcomeOf(work)).toMatchObject({ status: 'rejected', code: 'forbidden' });
    }
  });

  it('make a new version when the server tells what became of one, for all who see the record, and only then', () => {
    scope.commit(create({ photos: ['p-1'] }));
    const before = scope.row('r-1', 'report');
    links();
    scope.at += 1000;
    const [commit] = scope.commit(told('p-1', 'ready'));
    expect(scope.row('r-1', 'report')).toEqual({ ...before, version: 2, n: 2, attachments: { 'p-1': 'ready' } });
    expect(commit?.changes[0]?.to).toEqual(['department:roads']);
    expect(links()).toEqual(['2 ready p-1']);
    for (const [id, state] of [['p-1', 'ready'], ['p-2', 'ready']] as const) {
      const work = told(id, state);
      scope.commit(work);
      expect(scope.outcomeOf(work)).toMatchObject({ status: 'success' });
      expect(scope.outcomeOf(work).version).toBeUndefined();
    }
    expect(scope.row('r-1', 'report').version).toBe(2);
    scope.commit(remove());
    scope.commit(told('p-1', 'refused'));
    expect(scope.row('r-1', 'report')).toMatchObject({ state: 'deleted', attachments: { 'p-1': 'ready' } });
  });

  it('come back with a record that is brought back, as they are by then', () => {
    scope.commit(create({ photos: ['p-1'] }), remove());
    links();
    scope.commit(update({ photos: { $add: ['p-2'] } }, { strategy: 'client_wins', baseVersion: 1 }));
    expect(scope.row('r-1', 'report')).toMatchObject({ state: 'live', attachments: { 'p-1': 'awaited', 'p-2': 'awaited' } });
    expect(links()).toEqual(['2 awaited p-1', '2 awaited p-2']);
  });
});

describe('what must be read to plan an action', () => {
  const action = (more: Partial<AcceptedAction>): AcceptedAction =>
    ({ clientId: 'c', actionType: 'update_report', entityType: 'report', entityId: 'r-1', time: 0, hash: '', order: 0, ...more });

  it('are the attachments that it names, and nothing for any other action', () => {
    expect(attachmentsToRead(civic, action({ data: { photos: ['a', 'b', 'a'] } }), undefined)).toEqual(['a', 'b']);
    expect(attachmentsToRead(civic, action({ data: { photos: { $add: ['a'] } }, schemaVersion: 1 }), undefined)).toEqual(['a']);
    for (const data of [{ title: 'T', tags: ['a'] }, { photos: { $remove: ['a'] } }, { photos: null }, { photos: 7 }]) {
      expect(attachmentsToRead(civic, action({ data }), undefined)).toEqual([]);
    }
    expect(attachmentsToRead(civic, action({ entityType: 'task', data: { photos: ['a'] } }), undefined)).toEqual([]);
    expect(attachmentsToRead(civic, action({ entityType: 'constructor', data: { photos: ['a'] } }), undefined)).toEqual([]);
    expect(attachmentsToRead(civic, action({ data: { photos: ['a'] }, refusal: { code: 'not_found' } }), undefined)).toEqual([]);
  });
});
