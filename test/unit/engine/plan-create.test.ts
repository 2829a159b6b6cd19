import { beforeEach, describe, expect, it } from 'vitest';
import { T0 } from '../../support/builders.ts';
import { Phone, TestScope } from '../../support/test-scope.ts';

let scope: TestScope;
let phone: Phone;
let tablet: Phone;

beforeEach(() => {
  scope = new TestScope();
  phone = new Phone('phone');
  tablet = new Phone('tablet');
});

describe('a create', () => {
  it('makes a record with a server id, initial values and one creation stamp for all fields', () => {
    const create = phone.create('n-1', { title: 'T', team: 'roads' });
    const [commit] = scope.commit(create);
    expect(scope.outcomeOf(create)).toMatchObject({ status: 'success', serverId: 1, entityId: 'n-1', version: 1, home: 'user:alice' });
    expect(scope.row('n-1')).toMatchObject({
      state: 'live',
      fields: { title: 'T', team: 'roads', votes: 0 },
      createdBy: 'alice',
      createdAt: T0,
      audience: ['department:roads'],
      created: { n: 1, sub: 'alice', device: 'phone' },
    });
    expect(scope.row('n-1')).not.toHaveProperty('stamps');
    expect(commit?.changes).toMatchObject([{ alias: 'put', to: ['department:roads'] }]);
  });

  it.each([
    ['without a required field', { color: 'red' }, 'validation_failed'],
    ['with a field that is not a creator’s', { title: 'T', verdict: 'good' }, 'forbidden'],
    ['that the domain does not allow', { title: 'not for me' }, 'forbidden'],
    ['with an unknown field', { title: 'T', nonsense: 1 }, 'validation_failed'],
  ])('%s is refused, and makes nothing', (_, data, code) => {
    const create = phone.create('n-1', data);
    const [commit] = scope.commit(create);
    expect(scope.outcomeOf(create)).toMatchObject({ status: 'rejected', code });
    expect(commit?.changes).toEqual([]);
  });

  it('keeps all it was given, even if it sends a base', () => {
    scope.commit(phone.create('n-1', { title: 'T', color: 'red' }, { base: { title: 'T', color: 'red' } }));
    expect(scope.fields('n-1')).toMatchObject({ title: 'T', color: 'red' });
  });
});

describe('a create of an id that exists', () => {
  beforeEach(() => void scope.commit(phone.create('n-1', { title: 'T', color: 'red', origin: ['seed'] })));

  it('with the same content is a success without effect', () => {
    const again = tablet.create('n-1', { color: 'red', title: 'T' });
    scope.commit(again);
    expect(scope.outcomeOf(again)).toMatchObject({ status: 'success', serverId: 1, version: 1 });
    expect(scope.row('n-1').version).toBe(1);
    expect(scope.conflicts.size).toBe(0);
  });

  it('with other content is a conflict in which the record stands', () => {
    const other = tablet.create('n-1', { title: 'Other', color: 'red' });
    scope.commit(other);
    expect(scope.outcomeOf(other)).toMatchObject({ status: 'conflict', resolution: 'unresolved', serverId: 1 });
    expect(scope.fields('n-1')).toMatchObject({ title: 'T' });
    expect(scope.conflictOf(other)).toMatchObject({ kind: 'create_create', fields: ['title'], client: { title: 'Other', color: 'red' } });
  });

  it('counts as other content from the same device too', () => {
    const other = phone.create('n-1', { title: 'Other' });
    scope.commit(other);
    expect(scope.outcomeOf(other)).toMatchObject({ status: 'conflict', resolution: 'unresolved' });
  });

  it('takes over with client_wins, but for what is immutable', () => {
    const other = tablet.create('n-1', { title: 'Other', origin: ['mine'] }, { strategy: 'client_wins' });
    scope.commit(other);
    expect(scope.outcomeOf(other)).toMatchObject({ status: 'success', resolution: 'client_wins' });
    expect(scope.fields('n-1')).toMatchObject({ title: 'Other', origin: ['seed'] });
  });

  it('never reaches fields that its author may not edit', () => {
    const bob = new Phone('phone', { sub: 'bob', role: 'officer', departments: ['roads'] });
    scope.commit(phone.update('n-1', { team: 'roads' }));
    const other = bob.create('n-1', { title: 'Mine now' }, { strategy: 'client_wins' });
    scope.commit(other);
    expect(scope.outcomeOf(other)).toMatchObject({ status: 'rejected', code: 'forbidden' });
    expect(scope.fields('n-1')['title']).toBe('T');
  });
});

describe('a create on a tombstone', () => {
  beforeEach(() => void scope.commit(phone.create('n-1', { title: 'T', color: 'red', origin: ['seed'] }), tablet.remove('n-1')));

  it('stays in the grave, and asks', () => {
    const again = phone.create('n-1', { title: 'T' });
    scope.commit(again);
    expect(scope.outcomeOf(again)).toMatchObject({ status: 'conflict', resolution: 'unresolved' });
    expect(scope.row('n-1').state).toBe('deleted');
    expect(scope.conflictOf(again)).toMatchObject({ kind: 'create_create', serverDeleted: true, client: { title: 'T' }, server: { title: 'T' } });
  });

  it('comes back to life with client_wins alone', () => {
    for (const strategy of ['server_wins', 'merge', 'manual'] as const) scope.commit(tablet.create('n-1', { title: 'Z' }, { strategy }));
    expect(scope.row('n-1').state).toBe('deleted');
    const again = phone.create('n-1', { title: 'Back' }, { strategy: 'client_wins' });
    const [commit] = scope.commit(again);
    expect(scope.outcomeOf(again)).toMatchObject({ status: 'success', resolution: 'client_wins', serverId: 1 });
    expect(scope.row('n-1')).toMatchObject({ state: 'live', fields: { title: 'Back', color: 'red' } });
    expect(scope.row('n-1')).not.toHaveProperty('gone');
    expect(commit?.changes).toMatchObject([{ alias: 'put' }]);
  });

  it('cannot change what is immutable on its way back', () => {
    const again = phone.create('n-1', { title: 'Back', origin: ['mine'] }, { strategy: 'client_wins' });
    scope.commit(again);
    expect(scope.outcomeOf(again)).toMatchObject({ status: 'rejected', code: 'validation_failed' });
    expect(scope.row('n-1').state).toBe('deleted');
  });
});

describe('an upsert', () => {
  it('creates on first use and changes from then on', () => {
    const [first, second] = [phone.card({ nick: 'Al' }), phone.card({ mood: 'good' })];
    scope.commit(first, second);
    expect(scope.outcomeOf(first)).toMatchObject({ status: 'success', entityId: 'alice' });
    expect(scope.fields('alice', 'card')).toEqual({ nick: 'Al', mood: 'good' });
  });

  it('by a device that may not have seen the creation overlaps with what that set, and with nothing else', () => {
    scope.commit(phone.card({ nick: 'Al' }));
    const blind = tablet.card({ nick: 'Ally', mood: 'good' });
    scope.commit(blind);
    expect(scope.outcomeOf(blind)).toMatchObject({ status: 'conflict', resolution: 'unresolved' });
    expect(scope.conflictOf(blind)).toMatchObject({ kind: 'update_update', fields: ['nick'] });
    expect(scope.fields('alice', 'card')).toEqual({ nick: 'Al', mood: 'good' });
  });

  it('by a device that has seen the creation applies', () => {
    scope.commit(phone.card({ nick: 'Al' }));
    const seeing = tablet.card({ nick: 'Ally' }, { baseVersion: 1 });
    scope.commit(seeing);
    expect(scope.outcomeOf(seeing).status).toBe('success');
  });
});
