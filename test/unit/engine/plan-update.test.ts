import { beforeEach, describe, expect, it } from 'vitest';
import type { Strategy } from '../../../src/protocol/primitives.ts';
import { T0 } from '../../support/builders.ts';
import { Phone, TestScope } from '../../support/test-scope.ts';

/* The tables of design 5: an update of a live record, field by field. Version 1 is the creation by alice's phone. */

const MINUTE = 60_000;
let scope: TestScope;
let phone: Phone;
let tablet: Phone;

beforeEach(() => {
  scope = new TestScope();
  phone = new Phone('phone');
  tablet = new Phone('tablet');
  scope.commit(phone.create('n-1', { title: 'Old', color: 'grey', body: 'one\ntwo\nthree', labels: ['a'], high: 5, low: 5 }));
});

describe('a field that nobody changed since the base', () => {
  it('is applied, in a new version', () => {
    const edit = phone.update('n-1', { color: 'red' }, { baseVersion: 1 });
    scope.commit(edit);
    expect(scope.outcomeOf(edit)).toMatchObject({ status: 'success', entityId: 'n-1', home: 'user:alice', serverId: 1, version: 2 });
    expect(scope.outcomeOf(edit)).not.toHaveProperty('merged');
    expect(scope.fields('n-1')).toMatchObject({ title: 'Old', color: 'red' });
    expect(scope.row('n-1')).toMatchObject({ version: 2, n: 2, updatedBy: 'alice' });
  });

  it('can be cleared with null, and stays untouched when missing', () => {
    scope.commit(phone.update('n-1', { color: null }, { baseVersion: 1 }));
    expect(scope.fields('n-1')).toMatchObject({ color: null, title: 'Old' });
  });

  it('is applied without any base when only the creation lies before it', () => {
    const edit = tablet.update('n-1', { color: 'red' });
    scope.commit(edit);
    expect(scope.outcomeOf(edit).status).toBe('success');
  });
});

describe('edits of different fields', () => {
  it('merge by themselves', () => {
    const edit = phone.update('n-1', { title: 'New' }, { baseVersion: 1 });
    scope.commit(tablet.update('n-1', { color: 'red' }, { baseVersion: 1 }));
    scope.commit(edit);
    expect(scope.outcomeOf(edit)).toMatchObject({ status: 'success', merged: true });
    expect(scope.fields('n-1')).toMatchObject({ title: 'New', color: 'red' });
  });

  it('merge also beside an overlapping field of the same action', () => {
    const edit = phone.update('n-1', { title: 'New', color: 'blue' }, { baseVersion: 1 });
    scope.commit(tablet.update('n-1', { color: 'red' }, { baseVersion: 1 }));
    scope.commit(edit);
    expect(scope.outcomeOf(edit)).toMatchObject({ status: 'conflict', resolution: 'unresolved', merged: true, version: 3 });
    expect(scope.fields('n-1')).toMatchObject({ title: 'New', color: 'red' });
    expect(scope.conflictOf(edit).fields).toEqual(['color']);
  });
});

describe('a field that already has the value', () => {
  it('needs no new version', () => {
    const edit = phone.update('n-1', { color: 'red' }, { baseVersion: 1 });
    scope.commit(tablet.update('n-1', { color: 'red' }, { baseVersion: 1 }));
    scope.commit(edit);
    expect(scope.outcomeOf(edit)).toMatchObject({ status: 'success', version: 2 });
    expect(scope.row('n-1').version).toBe(2);
  });

  it('gets no new stamp beside one that changes', () => {
    scope.commit(tablet.update('n-1', { color: 'red' }, { baseVersion: 1 }));
    scope.commit(phone.update('n-1', { color: 'red', title: 'New' }, { baseVersion: 1 }));
    expect(scope.row('n-1').stamps?.['color']?.last.device).toBe('tablet');
    expect(scope.row('n-1').stamps?.['title']?.last.device).toBe('phone');
  });

  it('counts sets as the same in any order', () => {
    const edit = phone.update('n-1', { labels: ['b', 'a'] }, { baseVersion: 1 });
    scope.commit(tablet.update('n-1', { labels: ['a', 'b'] }, { baseVersion: 1 }));
    scope.commit(edit);
    expect(scope.outcomeOf(edit)).toMatchObject({ status: 'success', version: 2 });
  });
});

describe('a device’s own line of work', () => {
  it('applies on its own earlier changes, though their versions are above its base', () => {
    const edits = ['red', 'green', 'blue'].map((color) => phone.update('n-1', { color }, { baseVersion: 1 }));
    for (const edit of edits) scope.commit(edit);
    for (const edit of edits) expect(scope.outcomeOf(edit).status).toBe('success');
    expect(scope.fields('n-1')['color']).toBe('blue');
  });

  it('is superseded where it comes late, after a later change of its own', () => {
    const [early, late] = [phone.update('n-1', { color: 'red' }, { baseVersion: 1 }), phone.update('n-1', { color: 'blue' }, { baseVersion: 1 })];
    scope.commit(late);
    scope.commit(early);
    expect(scope.outcomeOf(early)).toMatchObject({ status: 'conflict', resolution: 'superseded' });
    expect(scope.fields('n-1')['color']).toBe('blue');
    expect(scope.conflictOf(early)).toMatchObject({ status: 'resolved', strategy: null, client: { color: 'red' }, server: { color: 'blue' } });
  });

  it('applies what is not superseded of a late action', () => {
    const early = phone.update('n-1', { color: 'red', title: 'New' }, { baseVersion: 1 });
    scope.commit(phone.update('n-1', { color: 'blue' }, { baseVersion: 1 }));
    scope.commit(early);
    expect(scope.outcomeOf(early)).toMatchObject({ status: 'conflict', resolution: 'superseded' });
    expect(scope.fields('n-1')).toMatchObject({ color: 'blue', title: 'New' });
  });

  it('stands behind what its upload put before it, under whatever number that was applied', () => {
    const first = phone.update('n-1', { color: 'red' }, { baseVersion: 1, order: 3000 });
    const [second, third] = ['green', 'blue'].map((color, i) =>
      phone.update('n-1', { color }, { baseVersion: 1, clientId: `e-${i}`, order: 2001 + i, after: i === 0 ? first.action.clientId : 'e-0' }),
    );
    if (!second || !third) throw new Error('two edits');
    scope.commit(first);
    scope.commit(second);
    scope.commit(third);
    expect([second, third].map((edit) => scope.outcomeOf(edit))).toMatchObject([
      { status: 'success', order: 2001, place: 3000 },
      { status: 'success', order: 2002, place: 3000 },
    ]);
    expect(scope.fields('n-1')['color']).toBe('blue');
  });

  it('is its own, though its upload repeats what another device had sent before it', () => {
    const first = tablet.update('n-1', { color: 'red' }, { order: 900_000 });
    scope.commit(first);
    const [second, third] = [phone.update('n-1', { color: 'green' }, { baseVersion: 2, after: first.action.clientId }), phone.update('n-1', { color: 'blue' }, { baseVersion: 2 })];
    scope.commit(second);
    scope.commit(third);
    expect([second, third].map((edit) => scope.outcomeOf(edit).status)).toEqual(['success', 'success']);
    expect(scope.outcomeOf(second)).not.toHaveProperty('place');
  });

  it('stands before what came later, though its upload put another before it', () => {
    const [first, second] = [phone.update('n-1', { title: 'New' }), phone.update('n-1', { color: 'red' }, { after: 'phone-2' })];
    scope.commit(first);
    scope.commit(phone.update('n-1', { color: 'blue' }));
    scope.commit(second);
    expect(scope.outcomeOf(second)).toMatchObject({ status: 'conflict', resolution: 'superseded' });
    expect(scope.outcomeOf(second)).not.toHaveProperty('place');
  });

  it('is not that of another user’s device of the same name', () => {
    const bobs = new Phone('phone', { sub: 'bob', role: 'officer', departments: ['roads'] });
    scope.commit(phone.update('n-1', { team: 'roads' }), bobs.update('n-1', { color: 'red' }));
    const edit = phone.update('n-1', { color: 'blue' }, { baseVersion: 1 });
    scope.commit(edit);
    expect(scope.outcomeOf(edit)).toMatchObject({ status: 'conflict', resolution: 'unresolved' });
  });
});

describe('a field that someone else changed since the base', () => {
  const meet = (strategy?: Strategy) => {
    scope.commit(tablet.update('n-1', { color: 'red' }, { baseVersion: 1 }));
    const edit = phone.update('n-1', { color: 'blue' }, { baseVersion: 1, ...(strategy ? { strategy } : {}) });
    scope.commit(edit);
    return edit;
  };

  it('stands for now, with an open question, when no strategy is given', () => {
    const edit = meet();
    expect(scope.outcomeOf(edit)).toMatchObject({ status: 'conflict', resolution: 'unresolved', version: 2 });
    expect(scope.fields('n-1')['color']).toBe('red');
    expect(scope.conflictOf(edit)).toMatchObject({
      kind: 'update_update',
      status: 'unresolved',
      fields: ['color'],
      client: { color: 'blue' },
      server: { color: 'red' },
      base: null,
      baseVersion: 1,
      serverVersion: 2,
      serverDeleted: false,
      clientIds: [edit.action.clientId],
      user: 'alice',
      device: 'phone',
    });
  });

  it('stands with server_wins, and what was refused is recorded', () => {
    const edit = meet('server_wins');
    expect(scope.outcomeOf(edit)).toMatchObject({ status: 'conflict', resolution: 'server_wins' });
    expect(scope.fields('n-1')['color']).toBe('red');
    expect(scope.conflictOf(edit)).toMatchObject({ status: 'resolved', strategy: 'server_wins', client: { color: 'blue' }, resolvedData: { color: 'red' } });
  });

  it('gives way with client_wins, and what it was is recorded', () => {
    const edit = meet('client_wins');
    expect(scope.outcomeOf(edit)).toMatchObject({ status: 'success', resolution: 'client_wins', version: 3, merged: true });
    expect(scope.fields('n-1')['color']).toBe('blue');
    expect(scope.conflictOf(edit)).toMatchObject({ status: 'resolved', strategy: 'client_wins', server: { color: 'red' }, resolvedData: { color: 'blue' } });
  });

  it('goes to the later action with merge', () => {
    const edit = meet('merge');
    expect(scope.outcomeOf(edit)).toMatchObject({ status: 'success', resolution: 'merge' });
    expect(scope.fields('n-1')['color']).toBe('blue');
    expect(scope.conflictOf(edit)).toMatchObject({ status: 'resolved', server: { color: 'red' }, resolvedData: { color: 'blue' } });
  });

  it('stands with merge when the other action was later by its clock', () => {
    scope.commit(tablet.update('n-1', { color: 'red' }, { time: T0 + MINUTE }));
    const edit = phone.update('n-1', { color: 'blue' }, { baseVersion: 1, strategy: 'merge', time: T0 });
    scope.commit(edit);
    expect(scope.outcomeOf(edit)).toMatchObject({ status: 'success', resolution: 'merge', version: 2 });
    expect(scope.fields('n-1')['color']).toBe('red');
    expect(scope.conflictOf(edit).client).toEqual({ color: 'blue' });
  });

  it('stands with manual, and nothing of the action is applied until a person decides', () => {
    scope.commit(tablet.update('n-1', { color: 'red' }, { baseVersion: 1 }));
    const edit = phone.update('n-1', { color: 'blue', title: 'New', votes: { $inc: 1 } }, { baseVersion: 1, strategy: 'manual' });
    scope.commit(edit);
    expect(scope.outcomeOf(edit)).toMatchObject({ status: 'conflict', resolution: 'unresolved', version: 2 });
    expect(scope.fields('n-1')).toMatchObject({ color: 'red', title: 'Old', votes: 0 });
    expect(scope.conflictOf(edit)).toMatchObject({ fields: ['color'], held: ['title', 'votes'] });
  });

  it('does not overlap where the action’s base value equals it', () => {
    scope.commit(tablet.update('n-1', { color: 'red' }, { baseVersion: 1 }));
    const edit = phone.update('n-1', { color: 'blue' }, { baseVersion: 1, base: { color: 'red' } });
    scope.commit(edit);
    expect(scope.outcomeOf(edit).status).toBe('success');
    expect(scope.fields('n-1')['color']).toBe('blue');
  });

  it('does not overlap where both are cleared', () => {
    scope.commit(tablet.update('n-1', { high: null }, { baseVersion: 1 }));
    const edit = phone.update('n-1', { high: 9 }, { baseVersion: 1, base: { high: null } });
    scope.commit(edit);
    expect(scope.outcomeOf(edit).status).toBe('success');
  });

  it('keeps the base in the conflict where it is known', () => {
    scope.commit(tablet.update('n-1', { color: 'red' }, { baseVersion: 1 }));
    const edit = phone.update('n-1', { color: 'blue', title: 'New' }, { baseVersion: 1, base: { color: 'grey', title: 'Old', body: 'not sent' } });
    scope.commit(edit);
    expect(scope.conflictOf(edit).base).toEqual({ color: 'grey', title: 'Old' });
  });
});

describe('merge by the rules of the fields', () => {
  it('unites sets, keeps the greater and the smaller number, and merges texts by lines', () => {
    scope.commit(tablet.update('n-1', { labels: ['a', 't'], high: 7, low: 3, body: 'ONE\ntwo\nthree' }, { baseVersion: 1 }));
    const edit = phone.update(
      'n-1',
      { labels: ['a', 'p'], high: 6, low: 4, body: 'one\ntwo\nTHREE' },
      { baseVersion: 1, base: { labels: ['a'], high: 5, low: 5, body: 'one\ntwo\nthree' }, strategy: 'merge' },
    );
    scope.commit(edit);
    expect(scope.outcomeOf(edit)).toMatchObject({ status: 'success', resolution: 'merge', merged: true });
    expect(scope.fields('n-1')).toMatchObject({ labels: ['a', 't', 'p'], high: 7, low: 3, body: 'ONE\ntwo\nTHREE' });
    expect(scope.conflictOf(edit)).toMatchObject({ fields: ['body', 'high', 'labels', 'low'], client: { high: 6, low: 4 } });
  });

  it('falls back to an open question where the merged value would not be a good one', () => {
    const many = (letter: string) => Array.from({ length: 40 }, (_, i) => `${letter}${i}`);
    scope.commit(tablet.update('n-1', { labels: many('t') }, { baseVersion: 1 }));
    const edit = phone.update('n-1', { labels: many('p'), title: 'New' }, { baseVersion: 1, strategy: 'merge' });
    scope.commit(edit);
    expect(scope.outcomeOf(edit)).toMatchObject({ status: 'conflict', resolution: 'unresolved' });
    expect(scope.fields('n-1')).toMatchObject({ title: 'New', labels: many('t') });
    expect(scope.conflictOf(edit).client).toMatchObject({ labels: many('p') });
  });
});

describe('operators', () => {
  it('never overlap', () => {
    scope.commit(tablet.update('n-1', { votes: { $inc: 2 }, labels: { $add: ['t'] } }, { baseVersion: 1 }));
    const edit = phone.update('n-1', { votes: { $inc: 3 }, labels: { $remove: ['a'] } }, { baseVersion: 1 });
    scope.commit(edit);
    expect(scope.outcomeOf(edit)).toMatchObject({ status: 'success', merged: true });
    expect(scope.fields('n-1')).toMatchObject({ votes: 5, labels: ['t'] });
  });

  it('never overlap with someone else’s plain set either', () => {
    scope.commit(tablet.update('n-1', { votes: 10 }, { baseVersion: 1 }));
    scope.commit(phone.update('n-1', { votes: { $inc: 1 } }, { baseVersion: 1 }));
    expect(scope.fields('n-1')['votes']).toBe(11);
  });

  it('of someone else overlap with a plain set', () => {
    scope.commit(tablet.update('n-1', { votes: { $inc: 2 } }, { baseVersion: 1 }));
    const edit = phone.update('n-1', { votes: 7 }, { baseVersion: 1 });
    scope.commit(edit);
    expect(scope.outcomeOf(edit)).toMatchObject({ status: 'conflict', resolution: 'unresolved' });
    expect(scope.fields('n-1')['votes']).toBe(2);
  });

  it('of this device hide nothing that another did before them', () => {
    scope.commit(tablet.update('n-1', { votes: 10 }, { baseVersion: 1 }));
    scope.commit(phone.update('n-1', { votes: { $inc: 1 } }, { baseVersion: 1 }));
    const edit = phone.update('n-1', { votes: 1 }, { baseVersion: 1 });
    scope.commit(edit);
    expect(scope.outcomeOf(edit)).toMatchObject({ status: 'conflict', resolution: 'unresolved' });
    expect(scope.fields('n-1')['votes']).toBe(11);
  });

  it('whose result is no good value are refused', () => {
    const edit = phone.update('n-1', { votes: { $inc: -1 } });
    scope.commit(edit);
    expect(scope.outcomeOf(edit)).toMatchObject({ status: 'rejected', code: 'validation_failed', errors: [{ pointer: '/data/votes' }] });
    expect(scope.fields('n-1')['votes']).toBe(0);
  });
});
