import { beforeEach, describe, expect, it } from 'vitest';
import { T0 } from '../../support/builders.ts';
import { Phone, TestScope } from '../../support/test-scope.ts';

/* What an action was based on, and whose word it is (design 5). Version 1 is the creation by alice's phone. */

const MINUTE = 60_000;
let scope: TestScope;
let phone: Phone;
let tablet: Phone;

beforeEach(() => {
  scope = new TestScope();
  phone = new Phone('phone');
  tablet = new Phone('tablet');
  scope.commit(phone.create('n-1', { title: 'Old', color: 'grey' }));
});

describe('the base of an action', () => {
  beforeEach(() => {
    scope.at = T0 + 10 * MINUTE;
    scope.commit(tablet.update('n-1', { color: 'red' }));
    scope.at = T0 + 20 * MINUTE;
  });
  const status = (over: object) => {
    const edit = phone.update('n-1', { color: 'blue' }, over);
    scope.commit(edit);
    return scope.outcomeOf(edit).status;
  };

  it('covers what it has seen by version', () => expect(status({ baseVersion: 2 })).toBe('success'));
  it('does not cover a later version', () => expect(status({ baseVersion: 1 })).toBe('conflict'));
  it('is unknown when it lies above the record’s version', () => expect(status({ baseVersion: 3 })).toBe('conflict'));
  it('covers by a remembered cursor', () => expect(status({ baseKnown: 2 })).toBe('success'));
  it('covers by a time long enough after the change', () => expect(status({ baseTime: T0 + 13 * MINUTE })).toBe('success'));
  it('does not cover by a time within two minutes', () => expect(status({ baseTime: T0 + 11 * MINUTE })).toBe('conflict'));
  it('does not cover by time above a known cursor', () => expect(status({ baseTime: T0 + 13 * MINUTE, baseCap: 1 })).toBe('conflict'));
  it('covers nothing when there is none', () => expect(status({})).toBe('conflict'));
});

describe('an action that came back from the dead', () => {
  it.each(['client_wins', 'merge'] as const)('does not win by itself with %s', (strategy) => {
    scope.commit(tablet.update('n-1', { color: 'red' }, { baseVersion: 1 }));
    const redrivenBy = new Phone('desk', { sub: 'root', role: 'admin' }).update('n-1', {}).acceptance.actor;
    const edit = phone.update('n-1', { color: 'blue' }, { baseVersion: 1, strategy, accepted: { redrivenBy } });
    scope.commit(edit);
    expect(scope.outcomeOf(edit)).toMatchObject({ status: 'conflict', resolution: 'unresolved' });
    expect(scope.fields('n-1')['color']).toBe('red');
  });

  it('needs the rights of who redrives after 30 days', () => {
    const bob = new Phone('desk', { sub: 'bob' }).update('n-1', {}).acceptance.actor;
    const edit = phone.update('n-1', { color: 'blue' }, { accepted: { redrivenBy: bob } });
    const late = phone.update('n-1', { color: 'blue' }, { accepted: { redrivenBy: bob, acceptedAt: T0 } });
    scope.commit(edit);
    expect(scope.outcomeOf(edit).status).toBe('success');
    scope.at = T0 + 31 * 24 * 60 * MINUTE;
    scope.commit(late);
    expect(scope.outcomeOf(late)).toMatchObject({ status: 'rejected', code: 'not_found' });
  });

  it('needs their right to create, too', () => {
    const eve = new Phone('desk', { sub: 'eve' }).update('n-1', {}).acceptance.actor;
    const create = phone.create('n-2', { title: 'T' }, { accepted: { redrivenBy: eve } });
    scope.at = T0 + 31 * 24 * 60 * MINUTE;
    scope.commit(create);
    expect(scope.outcomeOf(create)).toMatchObject({ status: 'rejected', code: 'forbidden' });
  });

  it('ends as discarded when an admin gave it up', () => {
    const edit = phone.update('n-1', { color: 'blue' }, { accepted: { discard: true } });
    scope.commit(edit);
    expect(scope.outcomeOf(edit)).toMatchObject({ status: 'rejected', code: 'discarded' });
    expect(scope.fields('n-1')['color']).toBe('grey');
  });
});

describe('data of an older app', () => {
  it('is lifted to the names of today, its old values too', () => {
    scope.commit(tablet.update('n-1', { color: 'red' }, { baseVersion: 1 }));
    const edit = phone.update('n-1', { colour: 'blue' }, { schemaVersion: 1, base: { colour: 'red' } });
    scope.commit(edit);
    expect(scope.outcomeOf(edit).status).toBe('success');
    expect(scope.fields('n-1')).toMatchObject({ color: 'blue' });
    expect(scope.fields('n-1')).not.toHaveProperty('colour');
  });

  it.each([0, 3])('of version %i, which the server does not know, is refused', (schemaVersion) => {
    const edit = phone.update('n-1', { color: 'blue' }, { schemaVersion });
    scope.commit(edit);
    expect(scope.outcomeOf(edit)).toMatchObject({ status: 'rejected', code: 'unsupported_schema_version' });
  });
});
