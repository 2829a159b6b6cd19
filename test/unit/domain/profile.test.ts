import { describe, expect, it } from 'vitest';
import { civic } from '../../../src/domain/civic.ts';
import { profile } from '../../../src/domain/profile.ts';
import { claims, ENGINE } from '../../support/builders.ts';
import { Phone, TestScope } from '../../support/test-scope.ts';

const engine = { ...ENGINE, domain: civic };
const edit = (phone: Phone, entityId: string, data: Record<string, string | boolean | null>) =>
  phone.act({ actionType: 'update_profile', entityType: 'profile', entityId, data });

describe('a profile', () => {
  it('is made on first use, under the user’s own id', () => {
    const scope = new TestScope('user:alice', engine);
    const phone = new Phone('phone', claims(), engine);
    const first = edit(phone, 'alice', { name: 'Alice', notifications: true, language: 'de' });
    scope.commit(first, edit(phone, 'alice', { phone: '+49 30 1234', home_area: 'North', language: null }));
    expect(scope.outcomeOf(first)).toMatchObject({ status: 'success', entityId: 'alice' });
    expect(scope.fields('alice', 'profile')).toEqual({ name: 'Alice', notifications: true, language: null, phone: '+49 30 1234', home_area: 'North' });
    expect(profile.singletonId?.(claims({ sub: 'auth0|7' }))).toBe('auth0|7');
  });

  it('is shared with nobody and deleted by nobody', () => {
    expect(profile.audienceOf({ home_area: 'roads' })).toEqual([]);
    expect(profile.mayDelete(claims(), { home: 'user:alice', entityId: 'alice', fields: {}, createdBy: 'alice' })).toBe(false);
  });

  it('is no one else’s, not even an admin’s', () => {
    const scope = new TestScope('user:alice', engine);
    scope.commit(edit(new Phone('phone', claims(), engine), 'alice', { name: 'Alice' }));
    const foreign = edit(new Phone('x', claims({ sub: 'root', role: 'admin' }), engine), 'alice', { name: 'Root' });
    scope.commit(foreign);
    expect(scope.outcomeOf(foreign)).toMatchObject({ status: 'rejected', code: 'not_found' });
    expect(profile.editable(claims({ sub: 'root', role: 'admin' }), { home: 'user:alice', entityId: 'alice', fields: {}, createdBy: 'alice' })).toEqual(new Set());
  });
});
