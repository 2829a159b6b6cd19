import { describe, expect, it } from 'vitest';
import { toConflict, toDeleted, toRecord } from '../../../src/engine/wire.ts';
import { conflict as conflictSchema } from '../../../src/protocol/conflict.ts';
import { deletedRecord, record } from '../../../src/protocol/record.ts';
import { row, T0 } from '../../support/builders.ts';
import { Phone, TestScope } from '../../support/test-scope.ts';

describe('a record on the wire', () => {
  it('has the server’s keys, then its fields, and nothing of how conflicts are judged', () => {
    const wire = toRecord(row({ stamps: {}, audience: ['department:roads'] }));
    expect(wire).toEqual({
      id: 7,
      entity_id: 'n-1',
      type: 'note',
      version: 1,
      scope: 'user:alice',
      home: 'user:alice',
      created_at: new Date(T0).toISOString(),
      updated_at: new Date(T0).toISOString(),
      created_by: 'alice',
      updated_by: 'alice',
      title: 'Old',
      votes: 0,
    });
    expect(record.safeParse(wire).success).toBe(true);
  });

  it('cannot have its keys taken by a field', () => {
    expect(toRecord(row({ fields: { id: 'mine', version: 99, title: 'T' } }))).toMatchObject({ id: 7, version: 1, title: 'T' });
  });
});

describe('what is gone, on the wire', () => {
  it('says why, and shows no field', () => {
    const gone = { id: 7, entity_id: 'n-1', version: 1, scope: 'user:alice', home: 'user:alice' };
    expect(toDeleted(row({ state: 'deleted' }))).toEqual({ ...gone, reason: 'deleted' });
    expect(toDeleted(row({ state: 'left' }))).toEqual({ ...gone, reason: 'left' });
    expect(deletedRecord.safeParse(toDeleted(row({ state: 'left' }))).success).toBe(true);
  });
});

describe('a conflict on the wire', () => {
  it('has the shape of the contract, open and resolved', () => {
    const scope = new TestScope();
    const [phone, tablet] = [new Phone('phone'), new Phone('tablet')];
    const edit = phone.update('n-1', { color: 'blue' }, { base: { color: 'grey' } });
    scope.commit(phone.create('n-1', { title: 'T', color: 'grey' }), tablet.update('n-1', { color: 'red' }), edit);
    const open = toConflict(scope.conflictOf(edit), scope.row('n-1'));
    expect(conflictSchema.parse(open)).toEqual(open);
    expect(open).toMatchObject({ status: 'unresolved', conflicting_fields: ['color'], base_data: { color: 'grey' }, client_data: { color: 'blue' }, server_data: { color: 'red' }, record: { color: 'red' } });

    scope.commit(phone.resolve(scope.conflictOf(edit), { strategy: 'client_wins' }));
    const resolved = toConflict(scope.conflictOf(edit), undefined);
    expect(conflictSchema.parse(resolved)).toEqual(resolved);
    expect(resolved).toMatchObject({ status: 'resolved', strategy: 'client_wins', resolved_data: { color: 'blue' }, record: null });
  });

  it('shows no record that is gone', () => {
    const scope = new TestScope();
    const [phone, tablet] = [new Phone('phone'), new Phone('tablet')];
    const edit = phone.update('n-1', { color: 'blue' });
    scope.commit(phone.create('n-1', { title: 'T' }), tablet.remove('n-1'), edit);
    expect(toConflict(scope.conflictOf(edit), scope.row('n-1'))).toMatchObject({ server_deleted: true, record: null });
  });
});
