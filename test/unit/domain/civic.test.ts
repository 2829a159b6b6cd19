import { describe, expect, it } from 'vitest';
import { civic } from '../../../src/domain/civic.ts';
import type { EntityType } from '../../../src/engine/domain.ts';
import { checkRecord, newFields } from '../../../src/engine/validate.ts';
import { RECORD_KEYS } from '../../../src/protocol/record.ts';
import { claims, officer } from '../../support/builders.ts';

const types: [string, EntityType][] = Object.entries(civic.types);

describe('the civic domain', () => {
  it('has the types, collections and actions of the contract', () => {
    expect(types.map(([name, type]) => [name, type.type, type.collection, Object.keys(type.actions)])).toEqual([
      ['report', 'report', 'reports', ['create_report', 'update_report', 'delete_report']],
      ['profile', 'profile', 'profile', ['update_profile']],
      ['task', 'task', 'tasks', ['create_task', 'update_task', 'update_task_status', 'delete_task']],
    ]);
  });

  it('has the fields of the contract', () => {
    expect(Object.fromEntries(types.map(([name, type]) => [name, Object.keys(type.fields).join(' ')]))).toEqual({
      report: 'title description category latitude longitude photos tags status resolution_note',
      profile: 'name phone language home_area notifications',
      task: 'department title notes report_id assignee status due_date visits',
    });
  });

  it.each(types)('merges texts by lines and sets by union, and else by the latest (%s)', (_, type) => {
    for (const [field, spec] of Object.entries(type.fields)) {
      const rule = ['description', 'notes'].includes(field) ? 'text' : ['tags', 'photos'].includes(field) ? 'union' : 'latest';
      expect([field, spec.merge]).toEqual([field, rule]);
    }
  });

  it.each(types)('takes no name that belongs to the server (%s)', (_, type) => {
    for (const field of Object.keys(type.fields)) expect(RECORD_KEYS).not.toContain(field);
  });

  it.each(types)('has initial values that are good ones (%s)', (_, type) => {
    for (const spec of Object.values(type.fields)) if (spec.initial !== undefined && spec.initial !== null) expect(spec.check(spec.initial)).toBeUndefined();
  });

  it.each(types)('has a priority from 0 to 9 and a message for every action, and names only fields it has (%s)', (_, type) => {
    for (const spec of Object.values(type.actions)) {
      expect(spec.priority).toBeGreaterThanOrEqual(0);
      expect(spec.priority).toBeLessThanOrEqual(9);
      expect(spec.message).toMatch(/successfully$/);
      for (const field of spec.fields ?? []) expect(Object.keys(type.fields)).toContain(field);
    }
  });

  it('says what the mission’s example says', () => {
    expect(civic.types['report']?.actions['create_report']?.message).toBe('Report created successfully');
  });

  it.each([
    ['report', ['category', 'title'], { status: 'received' }],
    ['task', ['department', 'title'], { status: 'open', visits: 0 }],
    ['profile', [], {}],
  ] as const)('requires of a new %s: %s', (name, needed, initial) => {
    const type = civic.types[name];
    if (!type) throw new Error('no type');
    const fields = newFields(type, {});
    expect(fields).toEqual(initial);
    expect(checkRecord(type, undefined, fields, []).map((e) => e.pointer.slice('/data/'.length)).sort()).toEqual([...needed]);
  });

  it('fixes a task’s department, and nothing else', () => {
    const fixed = types.flatMap(([name, type]) => Object.entries(type.fields).filter(([, spec]) => spec.immutable).map(([field]) => `${name}.${field}`));
    expect(fixed).toEqual(['task.department']);
  });
});

describe('the scopes of a token', () => {
  it('are a user’s own, and an officer’s departments', () => {
    expect(civic.scopesOf(officer('bob', 'roads', 'parks', 'roads'))).toEqual(['user:bob', 'department:roads', 'department:parks']);
  });

  it.each(['citizen', 'admin'] as const)('are only one’s own for a %s, whatever departments the token names', (role) => {
    expect(civic.scopesOf(claims({ sub: 'eve', role, departments: ['roads'] }))).toEqual(['user:eve']);
  });
});
