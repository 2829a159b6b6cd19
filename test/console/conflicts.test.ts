import { describe, expect, it } from 'vitest';
import { decidable, effectOf, firstDraft, touched } from '../../console/src/data/conflicts.ts';
import type { WireConflict } from '../../src/protocol/conflict.ts';

const conflict = (given: Partial<WireConflict> = {}): WireConflict => ({
  id: 'c', kind: 'update_update', entity_type: 'report', entity_id: 'r', server_id: 1, home: 'user:alice', device_id: 'phone', client_id: 'a', client_ids: ['a'],
  base_version: 1, server_version: 2, conflicting_fields: ['title'], base_data: { title: 'Old' }, client_data: { title: 'Mine', tags: ['a'] },
  server_data: { title: 'Theirs', tags: [] }, server_deleted: false, status: 'unresolved', strategy: null, resolved_data: null, resolved_by: null, resolved_at: null,
  detected_at: '2026-11-25T00:00:00.000Z', record: null, ...given,
});

describe('a conflict', () => {
  it('lets a person decide on contested fields, and with manual on all that waits', () => {
    expect(decidable(conflict())).toEqual(['title']);
    expect(decidable(conflict({ strategy: 'manual' }))).toEqual(['title', 'tags']);
  });

  it('is edited from what the phone wanted', () => {
    expect(firstDraft(conflict())).toEqual({ title: 'Mine' });
    expect(firstDraft(conflict({ client_data: {} }))).toEqual({ title: 'Theirs' });
  });

  it('shows contested fields first', () => expect(touched(conflict({ conflicting_fields: ['zebra'], base_data: null }))).toEqual(['zebra', 'tags', 'title']));

  it.each([
    [conflict(), 'server_wins', 'keeps'],
    [conflict(), 'client_wins', 'changes'],
    [conflict({ kind: 'delete_update', client_data: null }), 'client_wins', 'deletes'],
    [conflict({ kind: 'delete_update', client_data: null }), 'merge', 'keeps'],
    [conflict({ kind: 'update_delete', server_deleted: true }), 'client_wins', 'brings back'],
    [conflict({ kind: 'update_delete', server_deleted: true }), 'manual', 'brings back'],
    [conflict({ kind: 'update_delete', server_deleted: true }), 'merge', 'keeps'],
    [conflict({ kind: 'update_delete', server_deleted: true }), 'server_wins', 'keeps'],
  ] as const)('%#: a decision %s %s', (given, strategy, effect) => expect(effectOf(given, strategy)).toBe(effect));
});
