import { beforeEach, describe, expect, it } from 'vitest';
import type { Strategy } from '../../../src/protocol/primitives.ts';
import { Phone, TestScope } from '../../support/test-scope.ts';

let scope: TestScope;
let phone: Phone;
let tablet: Phone;

beforeEach(() => {
  scope = new TestScope();
  phone = new Phone('phone');
  tablet = new Phone('tablet');
  scope.commit(phone.create('n-1', { title: 'T', color: 'grey', team: 'roads' }));
});

const withStrategy = (strategy: Strategy | undefined) => (strategy ? { strategy } : {});

describe('a delete', () => {
  it('leaves a tombstone with the last image, of which the audience hears', () => {
    const remove = phone.remove('n-1', { baseVersion: 1 });
    const [commit] = scope.commit(remove);
    expect(scope.outcomeOf(remove)).toMatchObject({ status: 'success', version: 2 });
    expect(scope.row('n-1')).toMatchObject({ state: 'deleted', version: 2, fields: { title: 'T' }, gone: { n: 2, device: 'phone' } });
    expect(commit?.changes).toMatchObject([{ alias: 'expire', to: ['department:roads'] }]);
  });

  it('needs no base where nobody else changed anything', () => {
    const remove = tablet.remove('n-1');
    scope.commit(phone.update('n-1', { color: 'red' }), tablet.update('n-1', { votes: 3 }));
    scope.commit(tablet.update('n-1', { title: 'New' }));
    const own = new Phone('own');
    scope.commit(own.create('n-2', { title: 'U' }), own.update('n-2', { color: 'red' }));
    const ownRemove = own.remove('n-2');
    scope.commit(remove, ownRemove);
    expect(scope.outcomeOf(remove).status).toBe('conflict');
    expect(scope.outcomeOf(ownRemove).status).toBe('success');
  });

  it('of what is deleted already is a success without effect', () => {
    scope.commit(tablet.remove('n-1'));
    const again = phone.remove('n-1', { baseVersion: 1 });
    const [commit] = scope.commit(again);
    expect(scope.outcomeOf(again)).toMatchObject({ status: 'success', version: 2 });
    expect(commit?.changes).toEqual([]);
  });

  it('of what never existed is a success without effect', () => {
    const remove = phone.remove('n-9');
    const [commit] = scope.commit(remove);
    expect(scope.outcomeOf(remove)).toMatchObject({ status: 'success', entityId: 'n-9' });
    expect(scope.outcomeOf(remove)).not.toHaveProperty('serverId');
    expect(commit?.changes).toEqual([]);
  });

  it('that the domain does not allow is forbidden', () => {
    const bob = new Phone('phone', { sub: 'bob', role: 'officer', departments: ['roads'] });
    const remove = bob.remove('n-1');
    scope.commit(remove);
    expect(scope.outcomeOf(remove)).toMatchObject({ status: 'rejected', code: 'forbidden' });
    expect(scope.row('n-1').state).toBe('live');
  });

  it('of a late redrive is superseded by this device’s later edit', () => {
    const remove = phone.remove('n-1', { baseVersion: 1 });
    scope.commit(phone.update('n-1', { color: 'red' }));
    scope.commit(remove);
    expect(scope.outcomeOf(remove)).toMatchObject({ status: 'conflict', resolution: 'superseded' });
    expect(scope.row('n-1').state).toBe('live');
    expect(scope.conflictOf(remove)).toMatchObject({ kind: 'delete_update', status: 'resolved', client: null });
  });
});

describe('a delete of what someone else changed since', () => {
  const meet = (over: object) => {
    scope.commit(tablet.update('n-1', { color: 'red' }, { baseVersion: 1 }));
    const remove = phone.remove('n-1', { baseVersion: 1, ...over });
    scope.commit(remove);
    return remove;
  };

  it.each([undefined, 'manual'] as const)('asks (%s)', (strategy) => {
    const remove = meet(withStrategy(strategy));
    expect(scope.outcomeOf(remove)).toMatchObject({ status: 'conflict', resolution: 'unresolved' });
    expect(scope.row('n-1').state).toBe('live');
    expect(scope.conflictOf(remove)).toMatchObject({
      kind: 'delete_update',
      status: 'unresolved',
      fields: ['color'],
      client: null,
      server: { color: 'red' },
      serverDeleted: false,
    });
  });

  it.each(['server_wins', 'merge'] as const)('leaves the edit with %s', (strategy) => {
    const remove = meet({ strategy });
    expect(scope.outcomeOf(remove)).toMatchObject({ status: 'conflict', resolution: 'server_wins' });
    expect(scope.row('n-1').state).toBe('live');
    expect(scope.conflictOf(remove)).toMatchObject({ status: 'resolved', strategy });
  });

  it('deletes with client_wins, and the edit is recorded', () => {
    const remove = meet({ strategy: 'client_wins' });
    expect(scope.outcomeOf(remove)).toMatchObject({ status: 'success', resolution: 'client_wins' });
    expect(scope.row('n-1').state).toBe('deleted');
    expect(scope.conflictOf(remove)).toMatchObject({ status: 'resolved', server: { color: 'red' }, serverDeleted: false });
  });

  it('is no conflict once this device has seen the change', () => {
    expect(scope.outcomeOf(meet({ baseVersion: 2 })).status).toBe('success');
  });

  it('is no conflict where the old values it carries are those of the server', () => {
    expect(scope.outcomeOf(meet({ base: { color: 'red' } })).status).toBe('success');
  });

  it('is a conflict where its base lies above the record’s version', () => {
    expect(scope.outcomeOf(meet({ baseVersion: 99 })).status).toBe('conflict');
  });
});

describe('an edit of what someone else deleted', () => {
  const meet = (strategy?: Strategy) => {
    scope.commit(tablet.remove('n-1', { baseVersion: 1 }));
    const edit = phone.update('n-1', { votes: { $inc: 2 }, color: 'red' }, { baseVersion: 1, ...withStrategy(strategy) });
    scope.commit(edit);
    return edit;
  };

  it.each([undefined, 'manual'] as const)('asks, and nothing comes back (%s)', (strategy) => {
    const edit = meet(strategy);
    expect(scope.outcomeOf(edit)).toMatchObject({ status: 'conflict', resolution: 'unresolved', version: 2 });
    expect(scope.row('n-1')).toMatchObject({ state: 'deleted', version: 2 });
    expect(scope.conflictOf(edit)).toMatchObject({
      kind: 'update_delete',
      fields: ['color', 'votes'],
      serverDeleted: true,
      client: { color: 'red', votes: { $inc: 2 } },
      server: { color: 'grey', votes: 0 },
    });
  });

  it.each(['server_wins', 'merge'] as const)('stays without effect with %s', (strategy) => {
    const edit = meet(strategy);
    expect(scope.outcomeOf(edit)).toMatchObject({ status: 'conflict', resolution: 'server_wins' });
    expect(scope.row('n-1').state).toBe('deleted');
  });

  it('brings the last image back with client_wins, and the edit over it', () => {
    const edit = meet('client_wins');
    expect(scope.outcomeOf(edit)).toMatchObject({ status: 'success', resolution: 'client_wins', version: 3 });
    expect(scope.row('n-1')).toMatchObject({ state: 'live', fields: { title: 'T', color: 'red', votes: 2 }, audience: ['department:roads'] });
  });

  it('is a conflict also when it knew of the delete, and from the deleting device', () => {
    scope.commit(phone.remove('n-1'));
    const edit = phone.update('n-1', { color: 'red' }, { baseVersion: 2 });
    scope.commit(edit);
    expect(scope.outcomeOf(edit)).toMatchObject({ status: 'conflict', resolution: 'unresolved' });
  });

  it('is superseded where this device deleted later in its order', () => {
    const early = phone.update('n-1', { color: 'red' }, { strategy: 'client_wins' });
    scope.commit(phone.remove('n-1'));
    scope.commit(early);
    expect(scope.outcomeOf(early)).toMatchObject({ status: 'conflict', resolution: 'superseded' });
    expect(scope.row('n-1').state).toBe('deleted');
  });
});
