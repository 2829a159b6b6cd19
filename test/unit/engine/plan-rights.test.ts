import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Work } from '../../../src/engine/plan.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { officer } from '../../support/builders.ts';
import { Phone, TestScope } from '../../support/test-scope.ts';

/* P10: what is not visible behaves, word for word, like what never existed. */

let scope: TestScope;
let alice: Phone;
const mallory = () => new Phone('phone', { sub: 'mallory' });

beforeEach(() => {
  scope = new TestScope();
  alice = new Phone('phone');
  scope.commit(alice.create('seen', { title: 'T', team: 'roads' }), alice.create('buried', { title: 'T' }), alice.remove('buried'));
});

describe('a record that the actor does not see', () => {
  const over = fc.record(
    {
      strategy: fc.constantFrom('server_wins' as const, 'client_wins' as const, 'merge' as const, 'manual' as const),
      baseVersion: fc.nat(5),
      base: fc.constant({ title: 'T' }),
    },
    { requiredKeys: [] },
  );
  const data = fc.constantFrom<JsonObject>({ color: 'red' }, { title: 'T' }, { verdict: 'good' }, { origin: ['x'] }, {});

  it('answers exactly like one that never existed', () => {
    fc.assert(fc.property(fc.boolean(), data, over, fc.constantFrom('seen', 'buried'), (deletes, fields, more, id) => {
      const act = (entityId: string): Work => {
        const phone = mallory();
        return deletes ? phone.remove(entityId, more) : phone.update(entityId, fields, more);
      };
      const plans = [id, 'never'].map((entityId) => {
        const { commit } = scope.plan([act(entityId)]);
        const [word] = commit?.outcomes ?? [];
        return { ...commit, outcomes: [{ ...word, entityId: 'X' }] };
      });
      expect(plans[0]).toEqual(plans[1]);
    }));
  });

  it('is not_found to an update and a success without effect to a delete', () => {
    const [update, remove] = [mallory().update('seen', { color: 'red' }), new Phone('tablet', { sub: 'mallory' }).remove('seen')];
    scope.commit(update, remove);
    expect(scope.outcomeOf(update)).toMatchObject({ status: 'rejected', code: 'not_found' });
    expect(scope.outcomeOf(remove)).toMatchObject({ status: 'success' });
    expect(scope.row('seen')).toMatchObject({ state: 'live', version: 1 });
  });

  it('becomes visible with its audience, and is lost with it', () => {
    const bob = new Phone('desk', officer('bob', 'roads'));
    const [first, second] = [bob.update('seen', { verdict: 'good' }), bob.update('seen', { verdict: 'bad' })];
    scope.commit(first);
    scope.commit(alice.update('seen', { team: 'parks' }));
    scope.commit(second);
    expect(scope.outcomeOf(first).status).toBe('success');
    expect(scope.outcomeOf(second)).toMatchObject({ status: 'rejected', code: 'not_found' });
  });
});

describe('fields that the actor may not edit', () => {
  it('are forbidden by name, and nothing of the action happens', () => {
    const edit = alice.update('seen', { verdict: 'good', color: 'red' });
    scope.commit(edit);
    expect(scope.outcomeOf(edit)).toMatchObject({ status: 'rejected', code: 'forbidden', errors: [{ pointer: '/data/verdict' }] });
    expect(scope.fields('seen')).not.toHaveProperty('color');
  });

  it('may be sent by a library that sends whole records, if they are as in its base', () => {
    const edit = alice.update('seen', { verdict: 'good', color: 'red' }, { base: { verdict: 'good', color: 'grey' } });
    scope.commit(edit);
    expect(scope.outcomeOf(edit).status).toBe('success');
  });
});

describe('immutable fields', () => {
  it('are refused when they would change, and tolerated when they would not', () => {
    scope.commit(alice.create('n-1', { title: 'T', origin: ['a', 'b'] }));
    const [change, same] = [alice.update('n-1', { origin: ['c'] }), alice.update('n-1', { origin: ['b', 'a'], color: 'red' })];
    scope.commit(change, same);
    expect(scope.outcomeOf(change)).toMatchObject({ status: 'rejected', code: 'validation_failed', errors: [{ code: 'immutable' }] });
    expect(scope.outcomeOf(same).status).toBe('success');
  });

  it('that a record does not have may be cleared, not set', () => {
    scope.commit(alice.create('n-1', { title: 'T' }));
    const [clear, set] = [alice.update('n-1', { origin: null }), alice.update('n-1', { origin: ['a'] })];
    scope.commit(clear, set);
    expect(scope.outcomeOf(clear).status).toBe('success');
    expect(scope.outcomeOf(set)).toMatchObject({ status: 'rejected', code: 'validation_failed' });
  });
});

describe('refusals decided at acceptance', () => {
  it('become outcomes as they are', () => {
    const refused = alice.act({ refusal: { code: 'not_found' } });
    const noop = alice.act({ actionType: 'delete_note', refusal: { code: 'noop' } });
    const invalid = alice.act({ refusal: { code: 'validation_failed', errors: [{ pointer: '/timestamp', code: 'x', message: 'y' }] } });
    const [commit] = scope.commit(refused, noop, invalid);
    expect(commit?.outcomes).toMatchObject([
      { status: 'rejected', code: 'not_found' },
      { status: 'success' },
      { status: 'rejected', code: 'validation_failed', errors: [{ pointer: '/timestamp' }] },
    ]);
    expect(commit?.changes).toEqual([]);
  });

  it.each([
    { entityType: 'nonsense', entityId: 'n-1' },
    { entityType: 'toString', entityId: 'n-1' },
    { actionType: 'update_card', entityId: 'n-1' },
    { actionType: 'constructor', entityId: 'n-1' },
  ])('unknown actions are refused by name (%o)', (over) => {
    const unknown = alice.act(over);
    scope.commit(unknown);
    expect(scope.outcomeOf(unknown)).toMatchObject({ status: 'rejected', code: 'unknown_action' });
  });
});
