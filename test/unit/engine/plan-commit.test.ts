import { beforeEach, describe, expect, it } from 'vitest';
import type { Commit } from '../../../src/engine/model.ts';
import { ITEM_BYTES } from '../../../src/engine/plan.ts';
import { jsonBytes } from '../../../src/engine/value.ts';
import { LIMITS } from '../../../src/protocol/limits.ts';
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

describe('a client_id', () => {
  it('has one effect, however often it comes in one piece of work (P2)', () => {
    const [create, count] = [phone.create('n-1', { title: 'T' }), phone.update('n-1', { votes: { $inc: 1 } })];
    const [commit] = scope.commit(create, create, count, create, count, count);
    expect(commit?.outcomes).toHaveLength(2);
    expect(scope.fields('n-1')['votes']).toBe(1);
  });

  it('has one effect, however often it comes later: there is nothing to write', () => {
    const work = [phone.create('n-1', { title: 'T' }), phone.update('n-1', { votes: { $inc: 1 } })];
    scope.commit(...work);
    expect(scope.plan(work)).toEqual({ kind: 'planned', taken: 2 });
  });

  it('has one outcome even with other content: the first stands', () => {
    scope.commit(phone.create('n-1', { title: 'T' }, { clientId: 'same' }));
    scope.commit(phone.create('n-2', { title: 'U' }, { clientId: 'same', hash: 'other' }));
    expect(() => scope.row('n-2')).toThrow('no note n-2');
  });

  it('is its user’s: another user may have the same', () => {
    const mine = phone.create('n-1', { title: 'T', team: 'roads' }, { clientId: 'same' });
    const bobs = new Phone('phone', { sub: 'bob', role: 'officer', departments: ['roads'] }).update('n-1', { verdict: 'good' }, { clientId: 'same' });
    scope.commit(mine, bobs);
    expect(scope.outcomeOf(bobs).status).toBe('success');
  });
});

describe('several actions on one record', () => {
  it('fold into one change, with the image that they leave', () => {
    const work = [phone.create('n-1', { title: 'T' }), phone.update('n-1', { color: 'red' }), tablet.update('n-1', { votes: { $inc: 1 } })];
    const [commit] = scope.commit(...work);
    expect(commit).toMatchObject({ n: 1, changes: [{ alias: 'put', row: { version: 1, fields: { title: 'T', color: 'red', votes: 1 } } }] });
    expect(commit?.outcomes.map((o) => o.version)).toEqual([1, 1, 1]);
  });

  it('that end where they began leave no alias behind', () => {
    const [commit] = scope.commit(phone.create('n-1', { title: 'T' }), phone.remove('n-1'));
    expect(commit?.changes).toMatchObject([{ row: { state: 'deleted' } }]);
    expect(commit?.changes[0]).not.toHaveProperty('alias');
    scope.commit(phone.create('n-2', { title: 'T' }));
    const back = phone.create('n-2', { title: 'T' }, { strategy: 'client_wins' });
    const [second] = scope.commit(tablet.remove('n-2'), back);
    expect(second?.changes).toMatchObject([{ row: { state: 'live' } }]);
    expect(second?.changes[0]).not.toHaveProperty('alias');
  });

  it('tell every audience that the record passed through', () => {
    scope.commit(phone.create('n-1', { title: 'T', team: 'a' }));
    const [commit] = scope.commit(phone.update('n-1', { team: 'b' }), phone.update('n-1', { team: 'c' }));
    expect(commit?.changes).toMatchObject([{ to: ['department:a', 'department:b', 'department:c'], row: { audience: ['department:c'] } }]);
  });

  it('take the next action as it finds the record in the middle', () => {
    const late = tablet.update('n-1', { color: 'blue' });
    scope.commit(phone.create('n-1', { title: 'T' }), phone.update('n-1', { color: 'red' }), late);
    expect(scope.outcomeOf(late)).toMatchObject({ status: 'conflict', resolution: 'unresolved' });
  });
});

describe('a commit', () => {
  it('knows the time of its predecessor, and never goes back in time', () => {
    const [first] = scope.commit(phone.create('n-1', { title: 'T' }));
    scope.at = T0 - 5000;
    const [second] = scope.commit(phone.update('n-1', { color: 'red' }));
    expect(first).toMatchObject({ n: 1, at: T0, prevAt: 0 });
    expect(second).toMatchObject({ n: 2, at: T0, prevAt: T0 });
  });

  it('takes at most so many actions when it is told so', () => {
    const work = [1, 2, 3].map((i) => phone.create(`n-${i}`, { title: 'T' }));
    expect(scope.commitUpTo(1, work).map((commit) => commit.outcomes.length)).toEqual([1, 1, 1]);
  });

  it('passes over what is done when it may take only one', () => {
    const [done, fresh] = [phone.create('n-1', { title: 'T' }), phone.create('n-2', { title: 'T' })];
    scope.commit(done);
    expect(scope.plan([done, fresh, done], 1)).toMatchObject({ taken: 3, commit: { outcomes: [{ clientId: fresh.action.clientId }] } });
  });

  it('is the same for the same state and work', () => {
    scope.commit(phone.create('n-1', { title: 'T' }), tablet.update('n-1', { color: 'red' }));
    const work = [phone.update('n-1', { color: 'blue' }), phone.remove('n-1'), tablet.create('n-2', { title: 'U' })];
    const commits = [1, 2].map(() => {
      const twin = new TestScope();
      twin.redo({ ...(scope.log[0] ?? { scope: '', n: 0, at: 0, prevAt: 0, changes: [], outcomes: [], conflicts: [] }) });
      return twin.plan(work).commit;
    });
    expect(commits[0]).toEqual(commits[1]);
  });
});

describe('what is too large', () => {
  const big = (size: number) => ({ title: 'T', body: 'x'.repeat(size) });

  it('is rejected alone: a record over its limit', () => {
    const create = phone.create('n-1', big(LIMITS.recordBytes));
    const next = phone.create('n-2', { title: 'T' });
    scope.commit(create, next);
    expect(scope.outcomeOf(create)).toMatchObject({ status: 'rejected', code: 'too_large' });
    expect(scope.outcomeOf(next).status).toBe('success');
  });

  it('starts another commit when it would not fit beside the rest', () => {
    const work = Array.from({ length: 10 }, (_, i) => phone.create(`n-${i}`, big(90_000)));
    const commits = scope.commit(...work);
    expect(commits.length).toBeGreaterThan(1);
    for (const commit of commits) expect(jsonBytes(commit)).toBeLessThan(400 * 1024);
    for (const item of work) expect(scope.outcomeOf(item).status).toBe('success');
  });

  it('never costs an action its outcome, however full the commit is (P1)', () => {
    const refused = phone.create('n-x', big(LIMITS.recordBytes));
    const fill = (last: number) => [90_000, 90_000, 90_000, last].map((size, i) => phone.create(`n-${i}`, big(size), { clientId: `fill-${i}` }));
    const bytes = (commit: Commit) => [...commit.changes, ...commit.outcomes].reduce((sum, part) => sum + jsonBytes(part), 0);
    const [probe] = new TestScope().commit(...fill(50_000));
    const toTheLimit = 50_000 + ITEM_BYTES - (probe ? bytes(probe) : 0);
    for (let room = 0; room < 1000; room += 50) {
      const work = [...fill(toTheLimit - room), refused];
      const fresh = new TestScope();
      fresh.commit(...work);
      for (const item of work) expect(fresh.outcomeOf(item).status).toBe(item === refused ? 'rejected' : 'success');
    }
  });

  it('of many faults is rejected in an outcome that fits its row', () => {
    const data = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`field-that-does-not-exist-${i}`, 1]));
    const work = [1, 2, 3].map(() => phone.update('n-1', data));
    const commits = scope.commit(...work);
    for (const commit of commits) expect(jsonBytes(commit)).toBeLessThan(400 * 1024);
    for (const item of work) {
      expect(scope.outcomeOf(item)).toMatchObject({ status: 'rejected', code: 'validation_failed' });
      expect(jsonBytes(scope.outcomeOf(item))).toBeLessThan(16 * 1024);
    }
  });
});

describe('reading on demand', () => {
  it('asks for a conflict only where an overlap needs it, and plans on when it is there', () => {
    scope.commit(phone.create('n-1', { title: 'T' }), tablet.update('n-1', { color: 'red' }));
    const first = phone.update('n-1', { color: 'blue' }, { baseVersion: 0 });
    scope.commit(first);
    const second = phone.update('n-1', { color: 'green' }, { baseVersion: 0 });
    scope.commit(second);
    expect(scope.outcomeOf(second).conflictId).toBe(scope.outcomeOf(first).conflictId);
  });
});
