import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actionKey, globalKey, pointerKey, recordKey } from '../../../src/engine/keys.ts';

const scopes = fc.oneof(fc.constantFrom('user:a', 'user:a#b', 'department:roads'), fc.string({ unit: 'grapheme', maxLength: 4 }).map((sub) => `user:${sub}`));
const types = fc.constantFrom('note', 'card');
const ids = fc.oneof(fc.constantFrom('n', 'n#user:a', 'a/b', '%23', '#'), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 4 }));
const records = fc.record({ home: scopes, type: types, entityId: ids });

describe('keys', () => {
  it('name one record each within a scope, whatever characters ids and scopes hold', () => {
    fc.assert(fc.property(scopes, records, records, (scope, a, b) => {
      const same = a.home === b.home && a.type === b.type && a.entityId === b.entityId;
      expect(recordKey(scope, a.home, a.type, a.entityId) === recordKey(scope, b.home, b.type, b.entityId)).toBe(same);
    }));
  });

  it('name one record each everywhere', () => {
    fc.assert(fc.property(records, records, (a, b) => {
      const same = a.home === b.home && a.type === b.type && a.entityId === b.entityId;
      expect(globalKey(a.home, a.type, a.entityId) === globalKey(b.home, b.type, b.entityId)).toBe(same);
    }));
  });

  it('fit a sort key of 1,024 bytes, the longest of names included', () => {
    const names = fc.string({ unit: fc.constantFrom('a', ' ', '#', '%', 'é', '語', '😀'), minLength: 1, maxLength: 128 }).map((name) => [...name].slice(0, 64).join(''));
    const longest = fc.constantFrom('語'.repeat(128), '#'.repeat(128), '😀'.repeat(64), 'é'.repeat(128));
    fc.assert(fc.property(fc.oneof(names, longest), (sub) => {
      const record = { user: sub, device: 'd'.repeat(64), home: `user:${sub}`, type: 'profile', entityId: sub };
      const keys = [recordKey('department:roads', record.home, record.type, record.entityId), `~open#${pointerKey(record)}`];
      for (const key of keys) expect(Buffer.byteLength(key)).toBeLessThanOrEqual(1024);
    }));
  });

  it('keep the id readable: what is escaped in it, decodes', () => {
    fc.assert(fc.property(ids, (id) => {
      expect(decodeURIComponent(globalKey('user:a', 'note', id).split('#')[1] ?? '')).toBe(id);
    }));
  });

  it('sort the records of a scope by type', () => {
    fc.assert(fc.property(scopes, records, (scope, r) => {
      expect(recordKey(scope, r.home, r.type, r.entityId).startsWith(`${r.type}#`)).toBe(true);
    }));
  });

  it('name one action per user and client_id, which has no “#”', () => {
    const clientIds = fc.stringMatching(/^[A-Za-z0-9_-]{1,8}$/);
    fc.assert(fc.property(ids, clientIds, ids, clientIds, (userA, a, userB, b) => {
      expect(actionKey(userA, a) === actionKey(userB, b)).toBe(userA === userB && a === b);
    }));
  });

  it('lead to one question per device and record', () => {
    const conflict = { user: 'alice', device: 'phone', home: 'user:alice', type: 'note', entityId: 'n-1' };
    expect(pointerKey(conflict)).not.toBe(pointerKey({ ...conflict, device: 'tablet' }));
    expect(pointerKey(conflict)).not.toBe(pointerKey({ ...conflict, home: 'user:bob' }));
  });
});
