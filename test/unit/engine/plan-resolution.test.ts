import { beforeEach, describe, expect, it } from 'vitest';
import type { Decision } from '../../../src/engine/model.ts';
import type { Work } from '../../../src/engine/plan.ts';
import { officer, T0 } from '../../support/builders.ts';
import { Phone, TestScope } from '../../support/test-scope.ts';

/* A person decides an open conflict (design 4, Resolve). */

let scope: TestScope;
let phone: Phone;
let tablet: Phone;
let edit: Work & { kind: 'action' };

beforeEach(() => {
  scope = new TestScope();
  phone = new Phone('phone');
  tablet = new Phone('tablet');
  scope.commit(phone.create('n-1', { title: 'Old', color: 'grey', body: 'one\ntwo\nthree', team: 'roads' }));
  scope.commit(tablet.update('n-1', { color: 'red', body: 'ONE\ntwo\nthree' }, { baseVersion: 1 }));
  edit = phone.update(
    'n-1',
    { color: 'blue', body: 'one\ntwo\nTHREE', title: 'New' },
    { baseVersion: 1, base: { body: 'one\ntwo\nthree' } },
  );
  scope.commit(edit);
});

const desk = new Phone('~resolve');

function decide(decision: Partial<Decision>, by: Phone = desk): Work & { kind: 'action' } {
  const work = by.resolve(scope.conflictOf(edit), decision, { clientId: `r-${scope.log.length}`, order: 10_000 + scope.log.length });
  scope.commit(work);
  return work;
}

describe('a decision', () => {
  it('for the server makes a new version all the same, so that every device hears of it', () => {
    const work = decide({ strategy: 'server_wins' });
    expect(scope.outcomeOf(work)).toMatchObject({ status: 'success', version: 4, conflictId: scope.conflictOf(edit).id });
    expect(scope.row('n-1')).toMatchObject({ version: 4, fields: { color: 'red', title: 'New' } });
    expect(scope.conflictOf(edit)).toMatchObject({
      status: 'resolved',
      strategy: 'server_wins',
      resolvedBy: 'alice',
      resolvedAt: T0,
      resolvedData: { color: 'red', body: 'ONE\ntwo\nthree' },
      revision: 2,
    });
  });

  it('for the client applies its contested fields', () => {
    decide({ strategy: 'client_wins' });
    expect(scope.fields('n-1')).toMatchObject({ color: 'blue', body: 'one\ntwo\nTHREE' });
  });

  it('to merge merges by the rules of the fields, by the time of the client’s edit', () => {
    decide({ strategy: 'merge' });
    expect(scope.fields('n-1')).toMatchObject({ color: 'blue', body: 'ONE\ntwo\nTHREE' });
  });

  it('by hand takes the values that the person gives', () => {
    decide({ strategy: 'manual', resolvedData: { color: 'violet' } });
    expect(scope.fields('n-1')).toMatchObject({ color: 'violet', body: 'ONE\ntwo\nthree', title: 'New' });
    expect(scope.conflictOf(edit).resolvedData).toEqual({ color: 'violet' });
  });

  it('by hand is for contested fields only', () => {
    const [version] = [scope.row('n-1').version];
    for (const resolvedData of [{ title: 'Else' }, { votes: 3 }, { nonsense: 1 }]) {
      const work = decide({ strategy: 'manual', resolvedData });
      expect(scope.outcomeOf(work)).toMatchObject({ status: 'rejected', code: 'validation_failed', errors: [{ code: 'field_not_contested' }] });
    }
    expect(scope.row('n-1').version).toBe(version);
    expect(scope.conflictOf(edit).status).toBe('unresolved');
  });

  it('by hand must be good data', () => {
    const work = decide({ strategy: 'manual', resolvedData: { color: 7 } });
    expect(scope.outcomeOf(work)).toMatchObject({ status: 'rejected', code: 'validation_failed', errors: [{ pointer: '/resolved_data/color' }] });
  });

  it('must obey the domain’s own rules', () => {
    scope.commit(tablet.update('n-1', { color: 'black' }));
    const work = decide({ strategy: 'client_wins', serverVersion: scope.row('n-1').version });
    expect(scope.outcomeOf(work)).toMatchObject({ status: 'rejected', code: 'validation_failed' });
  });

  it('counts as a change by whoever decided: older edits of others overlap with it', () => {
    decide({ strategy: 'client_wins' });
    const late = tablet.update('n-1', { color: 'green' }, { baseVersion: 3 });
    scope.commit(late);
    expect(scope.outcomeOf(late)).toMatchObject({ status: 'conflict', resolution: 'unresolved' });
  });
});

describe('a decision on a record that changed since', () => {
  it('of a contested field does nothing but refresh the conflict', () => {
    scope.commit(tablet.update('n-1', { color: 'green' }));
    const work = decide({ strategy: 'client_wins' });
    expect(scope.outcomeOf(work)).toMatchObject({ status: 'conflict', code: 'conflict_changed' });
    expect(scope.fields('n-1')['color']).toBe('green');
    expect(scope.conflictOf(edit)).toMatchObject({ status: 'unresolved', serverVersion: 4, server: { color: 'green', title: 'New' }, revision: 2 });
    const again = decide({ strategy: 'client_wins' });
    expect(scope.outcomeOf(again).status).toBe('success');
    expect(scope.fields('n-1')['color']).toBe('blue');
  });

  it('of another field goes through', () => {
    scope.commit(tablet.update('n-1', { votes: 5 }));
    expect(scope.outcomeOf(decide({ strategy: 'client_wins' })).status).toBe('success');
  });

  it('goes through when the caller has seen that version', () => {
    scope.commit(tablet.update('n-1', { color: 'green' }));
    expect(scope.outcomeOf(decide({ strategy: 'client_wins', serverVersion: 4 })).status).toBe('success');
  });

  it('does not trust a version that the record never had', () => {
    scope.commit(tablet.update('n-1', { color: 'green' }));
    expect(scope.outcomeOf(decide({ strategy: 'client_wins', serverVersion: 99 }))).toMatchObject({ code: 'conflict_changed' });
  });

  it('does nothing when the record was deleted meanwhile', () => {
    scope.commit(tablet.remove('n-1', { strategy: 'client_wins' }));
    expect(scope.outcomeOf(decide({ strategy: 'client_wins' }))).toMatchObject({ status: 'conflict', code: 'conflict_changed' });
    expect(scope.row('n-1').state).toBe('deleted');
    expect(scope.conflictOf(edit)).toMatchObject({ serverDeleted: true, serverVersion: 4 });
  });

  it('never overwrites unseen what changed later within the very commit that opened the conflict', () => {
    const own = phone.update('n-1', { color: 'mine', votes: 1 }, { baseVersion: 1 });
    scope.commit(own, tablet.update('n-1', { color: 'late' }));
    const shown = scope.conflictOf(own);
    expect(shown.server).toMatchObject({ color: 'late' });
    scope.commit(desk.resolve(shown, { strategy: 'client_wins' }));
    expect(scope.conflictOf(own)).toMatchObject({ status: 'resolved', server: { color: 'late' } });
  });
});

describe('a decision that comes again', () => {
  it('is a success for the same caller with the same decision', () => {
    decide({ strategy: 'manual', resolvedData: { color: 'violet' } });
    const version = scope.row('n-1').version;
    const again = decide({ strategy: 'manual', resolvedData: { color: 'violet' } });
    expect(scope.outcomeOf(again)).toMatchObject({ status: 'success', version });
    expect(scope.row('n-1').version).toBe(version);
  });

  it.each<Partial<Decision>>([{ strategy: 'client_wins' }, { strategy: 'manual', resolvedData: { color: 'other' } }])(
    'is already_resolved with another decision (%o)',
    (other) => {
      decide({ strategy: 'manual', resolvedData: { color: 'violet' } });
      expect(scope.outcomeOf(decide(other))).toMatchObject({ status: 'conflict', code: 'already_resolved' });
      expect(scope.fields('n-1')['color']).toBe('violet');
    },
  );

  it('is already_resolved by someone else', () => {
    decide({ strategy: 'client_wins' });
    const admin = new Phone('~resolve', { sub: 'root', role: 'admin' });
    expect(scope.outcomeOf(decide({ strategy: 'client_wins' }, admin))).toMatchObject({ code: 'already_resolved' });
  });
});

describe('who decides', () => {
  it('is not another user, nor someone who no longer sees the record', () => {
    expect(scope.outcomeOf(decide({}, new Phone('phone', { sub: 'mallory' })))).toMatchObject({ status: 'rejected', code: 'not_found' });

    const bob = new Phone('desk', officer('bob', 'roads'));
    const bobs = bob.update('n-1', { color: 'white' }, { baseVersion: 1 });
    scope.commit(bobs);
    scope.commit(phone.update('n-1', { team: 'parks' }));
    const work = bob.resolve(scope.conflictOf(bobs), { strategy: 'client_wins' });
    scope.commit(work);
    expect(scope.outcomeOf(work)).toMatchObject({ status: 'rejected', code: 'not_found' });
  });

  it('may be an admin, for anyone', () => {
    const admin = new Phone('~resolve', { sub: 'root', role: 'admin' });
    expect(scope.outcomeOf(decide({ strategy: 'client_wins' }, admin)).status).toBe('success');
    expect(scope.conflictOf(edit).resolvedBy).toBe('root');
    expect(scope.row('n-1').updatedBy).toBe('root');
  });

  it('may not write what they could not edit', () => {
    const bob = new Phone('desk', officer('bob', 'roads'));
    scope.commit(bob.update('n-1', { verdict: 'bad' }));
    const remove = phone.remove('n-1', { baseVersion: 1 });
    scope.commit(remove);
    const conflict = scope.conflictOf(remove);
    expect(conflict.fields).toContain('verdict');
    const work = desk.resolve(conflict, { strategy: 'manual', resolvedData: { verdict: 'good' } });
    scope.commit(work);
    expect(scope.outcomeOf(work)).toMatchObject({ status: 'rejected', code: 'validation_failed', errors: [{ pointer: '/resolved_data/verdict', code: 'forbidden' }] });
    expect(scope.fields('n-1')['verdict']).toBe('bad');
  });

  it('must be about a conflict that exists', () => {
    const work = desk.act({ actionType: 'resolve_conflict', decision: { conflictId: 'c-none', conflictUser: 'alice', strategy: 'server_wins' } });
    scope.commit(work);
    expect(scope.outcomeOf(work)).toMatchObject({ status: 'rejected', code: 'not_found' });
  });
});

describe('a manual conflict', () => {
  beforeEach(() => {
    edit = phone.update('n-1', { color: 'mine', team: 'parks' }, { baseVersion: 1, strategy: 'manual' });
    scope = new TestScope();
    scope.commit(tablet.create('n-1', { title: 'Old', color: 'grey' }));
    scope.commit(tablet.update('n-1', { color: 'red' }));
    scope.commit(edit);
  });

  it('applies the whole action when the client wins', () => {
    const [commit] = (decide({ strategy: 'client_wins' }), scope.log.slice(-1));
    expect(scope.row('n-1')).toMatchObject({ fields: { color: 'mine', team: 'parks' }, audience: ['department:parks'] });
    expect(commit?.changes).toMatchObject([{ to: ['department:parks'] }]);
  });

  it('applies nothing of it when the server wins', () => {
    decide({ strategy: 'server_wins' });
    expect(scope.fields('n-1')).toMatchObject({ color: 'red' });
    expect(scope.fields('n-1')).not.toHaveProperty('team');
  });

  it('has changed when a field that waits with it did', () => {
    scope.commit(tablet.update('n-1', { team: 'roads' }));
    expect(scope.outcomeOf(decide({ strategy: 'client_wins' }))).toMatchObject({ code: 'conflict_changed' });
  });
});

describe('a conflict with a delete', () => {
  const remove = () => {
    const work = phone.remove('n-1', { baseVersion: 1 });
    scope.commit(work);
    edit = work;
  };
  const buried = () => {
    scope.commit(tablet.remove('n-1', { strategy: 'client_wins' }));
    const work = phone.update('n-1', { color: 'pink' }, { baseVersion: 1 });
    scope.commit(work);
    edit = work;
  };

  beforeEach(() => {
    scope = new TestScope();
    scope.commit(phone.create('n-1', { title: 'Old', color: 'grey' }));
    scope.commit(tablet.update('n-1', { color: 'red' }, { baseVersion: 1 }));
  });

  it('deletes when the client wins', () => {
    remove();
    const work = decide({ strategy: 'client_wins' });
    expect(scope.outcomeOf(work)).toMatchObject({ status: 'success', version: 4 });
    expect(scope.row('n-1')).toMatchObject({ state: 'deleted', version: 4 });
  });

  it.each(['server_wins', 'merge'] as const)('keeps the record with %s', (strategy) => {
    remove();
    decide({ strategy });
    expect(scope.row('n-1')).toMatchObject({ state: 'live', version: 4 });
  });

  it('does not delete when anything of the record changed since', () => {
    remove();
    scope.commit(tablet.update('n-1', { votes: 1 }));
    expect(scope.outcomeOf(decide({ strategy: 'client_wins' }))).toMatchObject({ code: 'conflict_changed' });
  });

  it('does not delete what the one who decides may not delete, as it now is', () => {
    remove();
    scope.commit(tablet.update('n-1', { color: 'black' }));
    const work = decide({ strategy: 'client_wins', serverVersion: scope.row('n-1').version });
    expect(scope.outcomeOf(work)).toMatchObject({ status: 'rejected', code: 'validation_failed', errors: [{ pointer: '/strategy', code: 'forbidden' }] });
    expect(scope.row('n-1').state).toBe('live');
    const admin = new Phone('~resolve', { sub: 'root', role: 'admin' });
    decide({ strategy: 'client_wins', serverVersion: scope.row('n-1').version }, admin);
    expect(scope.row('n-1').state).toBe('deleted');
  });

  it('brings the record back when the client wins', () => {
    buried();
    const [commit] = (decide({ strategy: 'client_wins' }), scope.log.slice(-1));
    expect(scope.row('n-1')).toMatchObject({ state: 'live', fields: { title: 'Old', color: 'pink' } });
    expect(commit?.changes).toMatchObject([{ alias: 'put' }]);
  });

  it('brings the record back with values given by hand, and not without', () => {
    buried();
    decide({ strategy: 'manual', resolvedData: { color: 'gold' } });
    expect(scope.row('n-1')).toMatchObject({ state: 'live', fields: { color: 'gold' } });
  });

  it.each([{ strategy: 'server_wins' }, { strategy: 'merge' }, { strategy: 'manual', resolvedData: {} }] as const)(
    'leaves the record in its grave, in a new version (%o)',
    (decision) => {
      buried();
      const version = scope.row('n-1').version;
      decide(decision);
      expect(scope.row('n-1')).toMatchObject({ state: 'deleted', version: version + 2 });
    },
  );
});
