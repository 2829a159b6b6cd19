import { describe, expect, it } from 'vitest';
import { expiresAt, viewsOf } from '../../../src/engine/views.ts';
import { TIMES } from '../../../src/protocol/limits.ts';
import { commit, outcome, row, T0 } from '../../support/builders.ts';
import { Phone, TestScope } from '../../support/test-scope.ts';

describe('the views of a commit', () => {
  it('are its rows, and its outcomes with their place', () => {
    const r = row({ n: 4 });
    const views = viewsOf(commit({ n: 4, at: T0 + 1, changes: [{ row: r, to: [] }], outcomes: [outcome()] }));
    expect(views.rows).toEqual([r]);
    expect(views.actions).toEqual([{ ...outcome(), scope: 'user:alice', n: 4, at: T0 + 1 }]);
  });

  it('have an alias where a record enters the scope, and its end where it leaves or dies', () => {
    const views = viewsOf(
      commit({
        n: 4,
        changes: [
          { row: row({ entityId: 'in', serverId: 1 }), to: [], alias: 'put' },
          { row: row({ entityId: 'out', serverId: 2, state: 'deleted' }), to: [], alias: 'expire' },
          { row: row({ entityId: 'same', serverId: 3 }), to: [] },
        ],
      }),
    );
    expect(views.aliases).toEqual([
      { scope: 'user:alice', serverId: 1, key: 'note#in', n: 4, live: true },
      { scope: 'user:alice', serverId: 2, key: 'note#out', n: 4, live: false },
    ]);
  });

  it('tell each audience once, of all its records, and the scope itself never', () => {
    const views = viewsOf(
      commit({
        n: 4,
        changes: [
          { row: row({ entityId: 'a' }), to: ['department:roads', 'user:alice'] },
          { row: row({ entityId: 'b' }), to: ['department:parks', 'department:roads'] },
        ],
      }),
    );
    expect(views.notes).toEqual([
      { scope: 'department:roads', home: 'user:alice', n: 4, records: [{ type: 'note', entityId: 'a' }, { type: 'note', entityId: 'b' }] },
      { scope: 'department:parks', home: 'user:alice', n: 4, records: [{ type: 'note', entityId: 'b' }] },
    ]);
  });

  it('lead from device and record to the open question, and no longer once it is resolved', () => {
    const scope = new TestScope();
    const [phone, tablet] = [new Phone('phone'), new Phone('tablet')];
    scope.commit(phone.create('n-1', { title: 'T' }), tablet.update('n-1', { color: 'red' }));
    const [settled, open] = [phone.update('n-1', { color: 'blue' }, { strategy: 'server_wins' }), phone.update('n-1', { color: 'blue' })];
    const [first] = scope.commit(settled);
    expect(first && viewsOf(first).pointers).toEqual([]);
    const [second] = scope.commit(open);
    const conflict = scope.conflictOf(open);
    expect(second && viewsOf(second).pointers).toEqual([{ user: 'alice', key: 'phone#note#n-1#user:alice', conflictId: conflict.id, n: 3, open: true }]);
    const [third] = scope.commit(phone.resolve(conflict));
    expect(third && viewsOf(third).pointers).toMatchObject([{ conflictId: conflict.id, n: 4, open: false }]);
  });

  it('come out the same when they are derived again', () => {
    const scope = new TestScope();
    const [phone, tablet] = [new Phone('phone'), new Phone('tablet')];
    scope.commit(phone.create('n-1', { title: 'T', team: 'roads' }), tablet.update('n-1', { color: 'red' }), phone.update('n-1', { color: 'blue' }));
    const [rows, conflicts] = [new Map(scope.rows), new Map(scope.conflicts)];
    for (const entry of scope.log) scope.redo(structuredClone(entry));
    expect(scope.rows).toEqual(rows);
    expect(scope.conflicts).toEqual(conflicts);
  });
});

it('what says that something is gone is kept as long as a commit', () => {
  expect(expiresAt(T0)).toBe(T0 + TIMES.retentionMs);
});
