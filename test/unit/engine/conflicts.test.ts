import { beforeEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../../../src/protocol/limits.ts';
import { Phone, TestScope } from '../../support/test-scope.ts';

/* Open conflicts: one per device and record, however many edits meet it (design 5). */

let scope: TestScope;
let phone: Phone;
let tablet: Phone;

beforeEach(() => {
  scope = new TestScope();
  phone = new Phone('phone');
  tablet = new Phone('tablet');
  scope.commit(phone.create('n-1', { title: 'Old', color: 'grey', body: 'text', labels: ['a'] }));
  scope.commit(tablet.update('n-1', { title: 'Theirs', color: 'red' }, { baseVersion: 1 }));
});

describe('a further overlap of the same device and record', () => {
  it('joins the open conflict, in the same commit or in a later one', () => {
    const edits = ['a', 'b', 'c'].map((color) => phone.update('n-1', { color }, { baseVersion: 1 }));
    const [first, second, third] = edits;
    scope.commit(...edits.slice(0, 2));
    scope.commit(...edits.slice(2));
    expect(scope.openConflicts()).toHaveLength(1);
    expect(scope.openConflicts()).toMatchObject([
      {
        id: `c-alice-${first?.action.clientId}`,
        clientId: third?.action.clientId,
        clientIds: edits.map((edit) => edit.action.clientId),
        client: { color: 'c' },
        revision: 3,
      },
    ]);
    for (const edit of edits) expect(scope.outcomeOf(edit).conflictId).toBe(scope.outcomeOf(first ?? edit).conflictId);
    expect(second && scope.conflictOf(second).revision).toBe(3);
  });

  it('adds its fields and keeps the newest data of each, and the oldest base', () => {
    scope.commit(phone.update('n-1', { color: 'mine', body: 'applied' }, { baseVersion: 1, base: { color: 'grey' } }));
    scope.commit(phone.update('n-1', { title: 'Mine', color: 'mine too' }, { base: { color: 'black', title: 'Old' } }));
    expect(scope.openConflicts()).toMatchObject([
      {
        fields: ['color', 'title'],
        client: { color: 'mine too', title: 'Mine', body: 'applied' },
        base: { color: 'grey', title: 'Old' },
        baseVersion: 1,
        server: { color: 'red', title: 'Theirs', body: 'applied' },
        serverVersion: 3,
      },
    ]);
  });

  it.each([[{ base: { color: 'grey' } }, {}], [{}, { base: { color: 'grey' } }]])('keeps a base that only one of them had (%o, %o)', (first, second) => {
    scope.commit(phone.update('n-1', { color: 'a' }, first), phone.update('n-1', { color: 'b' }, second));
    expect(scope.openConflicts()).toMatchObject([{ base: { color: 'grey' }, client: { color: 'b' } }]);
  });

  it('keeps the time of detection and is as new as the newest edit', () => {
    scope.commit(phone.update('n-1', { color: 'a' }, { baseVersion: 1 }));
    const [{ detectedAt } = { detectedAt: 0 }] = scope.openConflicts();
    scope.at += 5000;
    const second = phone.update('n-1', { color: 'b' }, { baseVersion: 1 });
    scope.commit(second);
    expect(scope.openConflicts()).toMatchObject([{ detectedAt, time: second.action.time, n: 4 }]);
  });

  it(`lists the last ${LIMITS.conflictClientIds} client_ids`, () => {
    const edits = Array.from({ length: LIMITS.conflictClientIds + 20 }, (_, i) => phone.update('n-1', { color: `${i}` }, { baseVersion: 1 }));
    scope.commit(...edits);
    expect(scope.openConflicts()).toHaveLength(1);
    expect(scope.openConflicts()[0]?.clientIds).toEqual(edits.slice(20).map((edit) => edit.action.clientId));
  });

  it('does not open again what was resolved: a new question gets a new id', () => {
    const [first, second] = ['a', 'b'].map((color) => phone.update('n-1', { color }, { baseVersion: 1 }));
    if (!first || !second) throw new Error('two edits');
    scope.commit(first);
    scope.commit(phone.resolve(scope.conflictOf(first)));
    scope.commit(second);
    expect(scope.conflictOf(first).status).toBe('resolved');
    expect(scope.conflictOf(second)).toMatchObject({ status: 'unresolved', revision: 1, id: `c-alice-${second.action.clientId}` });
  });

  it('is found again when the old question was resolved in the commit that opened it', () => {
    const [first, second, third] = ['a', 'b', 'c'].map((color) => phone.update('n-1', { color }, { baseVersion: 1 }));
    if (!first || !second || !third) throw new Error('three edits');
    scope.commit(first);
    scope.commit(phone.resolve(scope.conflictOf(first)), second);
    scope.commit(third);
    expect(scope.openConflicts()).toHaveLength(1);
    expect(scope.outcomeOf(third).conflictId).toBe(scope.outcomeOf(second).conflictId);
  });

  it('that a strategy settles leaves the open one alone', () => {
    const open = phone.update('n-1', { color: 'a' }, { baseVersion: 1 });
    const settled = phone.update('n-1', { title: 'b' }, { baseVersion: 1, strategy: 'client_wins' });
    const later = phone.update('n-1', { color: 'c' }, { baseVersion: 1 });
    scope.commit(open);
    scope.commit(settled);
    scope.commit(later);
    expect(scope.conflictOf(settled)).toMatchObject({ status: 'resolved', clientIds: [settled.action.clientId] });
    expect(scope.outcomeOf(later).conflictId).toBe(scope.outcomeOf(open).conflictId);
  });

  it('becomes a question about a delete, when the device then deletes', () => {
    scope.commit(phone.update('n-1', { color: 'a' }, { baseVersion: 1 }), phone.remove('n-1', { baseVersion: 1 }));
    expect(scope.openConflicts()).toMatchObject([{ kind: 'delete_update', client: null, clientIds: [expect.anything(), expect.anything()] }]);
  });
});

describe('counts and sets of several waiting edits', () => {
  it('add up in a manual conflict, so that none is lost when it is decided', () => {
    const edit = (data: object) => phone.update('n-1', { color: 'mine', ...data }, { baseVersion: 1, strategy: 'manual' });
    const first = edit({ votes: { $inc: 1 }, labels: { $add: ['b'] } });
    scope.commit(first, edit({ votes: { $inc: 2 }, labels: { $add: ['c'] } }), edit({ labels: { $remove: ['a'] } }));
    scope.commit(tablet.update('n-1', { votes: { $inc: 10 } }));
    const shown = scope.conflictOf(first);
    scope.commit(phone.resolve(shown, { strategy: 'client_wins', serverVersion: scope.row('n-1').version }));
    expect(scope.conflictOf(first).status).toBe('resolved');
    expect(scope.fields('n-1')).toMatchObject({ color: 'mine', votes: 13, labels: ['b', 'c'] });
  });

  it('wait upon a value that waits already, and reach the record with it', () => {
    scope.commit(tablet.update('n-1', { labels: ['theirs'] }, { baseVersion: 1 }));
    const first = phone.update('n-1', { labels: ['mine'] }, { baseVersion: 1 });
    scope.commit(first, phone.update('n-1', { color: 'mine', labels: { $add: ['b'] } }, { baseVersion: 1, strategy: 'manual' }));
    expect(scope.fields('n-1')).toMatchObject({ color: 'red', labels: ['theirs'] });
    expect(scope.conflictOf(first)).toMatchObject({ fields: ['color', 'labels'], held: [], client: { color: 'mine', labels: ['mine', 'b'] } });
    scope.commit(phone.resolve(scope.conflictOf(first), { strategy: 'client_wins' }));
    expect(scope.fields('n-1')).toMatchObject({ color: 'mine', labels: ['mine', 'b'] });
  });

  it('add up in a conflict with a delete', () => {
    scope.commit(tablet.remove('n-1'));
    const first = phone.update('n-1', { votes: { $inc: 1 } }, { baseVersion: 1 });
    scope.commit(first, phone.update('n-1', { votes: { $inc: 2 } }, { baseVersion: 1 }));
    scope.commit(phone.resolve(scope.conflictOf(first), { strategy: 'client_wins' }));
    expect(scope.row('n-1')).toMatchObject({ state: 'live', fields: { votes: 3 } });
  });

  it('wait on though a later edit does not name them', () => {
    const first = phone.update('n-1', { color: 'mine', votes: { $inc: 1 } }, { baseVersion: 1, strategy: 'manual' });
    scope.commit(first, phone.update('n-1', { color: 'mine too' }, { baseVersion: 1 }));
    expect(scope.conflictOf(first)).toMatchObject({ held: ['votes'], client: { color: 'mine too', votes: { $inc: 1 } } });
  });

  it('begin to wait in a question that was about a delete', () => {
    scope.commit(tablet.update('n-1', { votes: 5 }), phone.remove('n-1', { baseVersion: 1 }));
    const edit = phone.update('n-1', { color: 'mine', votes: { $inc: 1 } }, { baseVersion: 1, strategy: 'manual' });
    scope.commit(edit);
    expect(scope.conflictOf(edit).client).toEqual({ color: 'mine', votes: { $inc: 1 } });
    scope.commit(phone.resolve(scope.conflictOf(edit), { strategy: 'client_wins' }));
    expect(scope.fields('n-1')).toMatchObject({ color: 'mine', votes: 6 });
  });

  it('count on from a plain value that waits before them', () => {
    scope.commit(tablet.remove('n-1'));
    const first = phone.update('n-1', { votes: 5, labels: ['x'] }, { baseVersion: 1 });
    scope.commit(first, phone.update('n-1', { votes: { $inc: 2 }, labels: { $add: ['y'] } }, { baseVersion: 1 }));
    expect(scope.conflictOf(first).client).toEqual({ votes: 7, labels: ['x', 'y'] });
  });
});

describe('what was applied beside an open question', () => {
  it('is not applied again when the record comes back from a delete', () => {
    const edit = phone.update('n-1', { color: 'mine', votes: { $inc: 1 } }, { baseVersion: 1 });
    scope.commit(edit, tablet.remove('n-1', { strategy: 'client_wins' }), phone.update('n-1', { body: 'more' }));
    expect(scope.conflictOf(edit)).toMatchObject({ fields: ['body', 'color'], serverDeleted: true });
    scope.commit(phone.resolve(scope.conflictOf(edit), { strategy: 'client_wins' }));
    expect(scope.row('n-1')).toMatchObject({ state: 'live', fields: { color: 'mine', body: 'more', votes: 1 } });
  });

  it('does not add up with what waits of the same field', () => {
    const waits = phone.update('n-1', { color: 'mine', votes: { $inc: 1 } }, { baseVersion: 1, strategy: 'manual' });
    const applied = phone.update('n-1', { color: 'mine too', votes: { $inc: 2 } }, { baseVersion: 1 });
    scope.commit(waits, applied);
    expect(scope.fields('n-1')['votes']).toBe(2);
    scope.commit(phone.resolve(scope.conflictOf(waits), { strategy: 'client_wins' }));
    expect(scope.fields('n-1')).toMatchObject({ color: 'mine too', votes: 3 });
  });
});

describe('conflicts of others', () => {
  it('are questions of their own: one per device, user and record', () => {
    scope.commit(phone.create('n-2', { title: 'T' }));
    const watch = new Phone('watch');
    scope.commit(tablet.update('n-2', { title: 'Theirs' }));
    const edits = [phone.update('n-1', { color: 'a' }), watch.update('n-1', { color: 'b' }), phone.update('n-2', { title: 'c' }), watch.update('n-2', { title: 'd' })];
    scope.commit(...edits);
    expect(new Set(edits.map((edit) => scope.outcomeOf(edit).conflictId)).size).toBe(4);
    expect(scope.openConflicts()).toHaveLength(4);
  });
});

describe('a conflict', () => {
  it('keeps only the touched fields', () => {
    const edit = phone.update('n-1', { color: 'mine' }, { baseVersion: 1, base: { color: 'grey', body: 'x' } });
    scope.commit(edit);
    expect(scope.conflictOf(edit)).toMatchObject({ base: { color: 'grey' }, client: { color: 'mine' }, server: { color: 'red' } });
    expect(Object.keys(scope.conflictOf(edit).server ?? {})).toEqual(['color']);
  });

  it('shows the record as the whole commit left it', () => {
    const edit = phone.update('n-1', { color: 'mine', body: 'applied' }, { baseVersion: 1 });
    scope.commit(edit, tablet.update('n-1', { color: 'green' }));
    expect(scope.conflictOf(edit)).toMatchObject({ server: { color: 'green' }, serverVersion: 3 });
    const gone = phone.update('n-1', { color: 'mine' }, { baseVersion: 1 });
    scope.commit(gone, tablet.remove('n-1', { strategy: 'client_wins' }));
    expect(scope.conflictOf(gone)).toMatchObject({ serverDeleted: true, serverVersion: 4 });
  });

  it('is left as it is by changes of other records, and once it is settled', () => {
    scope.commit(phone.create('n-2', { title: 'T' }), tablet.update('n-2', { color: 'red' }));
    const settled = phone.update('n-1', { title: 'Mine' }, { baseVersion: 1, strategy: 'server_wins' });
    const other = phone.update('n-2', { color: 'mine' });
    scope.commit(settled, other, tablet.update('n-1', { title: 'Later' }));
    expect(scope.conflictOf(settled)).toMatchObject({ server: { title: 'Theirs' }, serverVersion: 2 });
    expect(scope.conflictOf(other)).toMatchObject({ server: { color: 'red' }, serverVersion: 3 });
  });
});
