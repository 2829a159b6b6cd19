import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ActionSpec, EntityType } from '../../../src/engine/domain.ts';
import { checkData, checkRecord, fault, newFields, touchedData } from '../../../src/engine/validate.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { jsonValues } from '../../support/json-values.ts';
import { note } from '../../support/note-domain.ts';

const update: ActionSpec = { op: 'update', priority: 4, message: '' };
const codes = (data: JsonObject, spec = update) => checkData(note, spec, data).map((error) => `${error.pointer} ${error.code}`);

describe('data of an action', () => {
  it('may hold any field of the type, cleared too, and operators where they belong', () => {
    const data = { title: 'T', color: null, labels: { $add: ['a'] }, votes: { $inc: 1 } };
    expect(codes(data)).toEqual([]);
  });

  it('may not hold unknown fields, nor such as every object inherits', () => {
    expect(codes({ nonsense: 1, toString: 'x', valueOf: null, hasOwnProperty: {} })).toEqual([
      '/data/nonsense unknown_field',
      '/data/toString unknown_field',
      '/data/valueOf unknown_field',
      '/data/hasOwnProperty unknown_field',
    ]);
  });

  it('is judged without an exception, whatever it holds', () => {
    const field = fc.oneof(fc.constantFrom(...Object.keys(note.fields), 'toString', 'valueOf'), fc.string());
    fc.assert(fc.property(fc.dictionary(field, jsonValues, { noNullPrototype: true }), (data) => {
      const touched = touchedData(note, data, { title: 'Old' });
      for (const error of checkData(note, update, touched)) expect(error.message).not.toBe('');
      checkRecord(note, { title: 'Old' }, newFields(note, touched), Object.keys(touched));
    }));
  });

  it('may not clear what is required', () => {
    expect(codes({ title: null })).toEqual(['/data/title invalid_value']);
  });

  it('may hold only the fields of its action', () => {
    expect(codes({ color: 'red', title: 'T' }, { ...update, fields: ['color'] })).toEqual(['/data/title field_not_allowed']);
  });

  it('may not hold an operator where the field is of another kind', () => {
    expect(codes({ title: { $inc: 1 }, votes: { $add: ['a'] }, labels: { $inc: 1 } })).toHaveLength(3);
  });

  it('may count a counter down: only the sum must be a value', () => {
    expect(codes({ votes: { $inc: -1 } })).toEqual([]);
    expect(checkRecord(note, { title: 'T', votes: 0 }, { title: 'T', votes: -1 }, ['votes'])).toHaveLength(1);
  });

  it('may not add what could not be an item', () => {
    expect(codes({ labels: { $add: [1] } })).toEqual(['/data/labels invalid_value']);
  });
});

describe('fields that an action really changes', () => {
  it('are those that differ from their base', () => {
    const data = { title: 'T', color: 'red', labels: ['b', 'a'], body: null };
    expect(touchedData(note, data, { title: 'T', color: 'blue', labels: ['a', 'b'], body: null })).toEqual({ color: 'red' });
  });

  it('are all of them where no base is known', () => {
    fc.assert(fc.property(fc.dictionary(fc.constantFrom('title', 'color', 'body'), jsonValues, { noNullPrototype: true }), (data) => {
      expect(touchedData(note, data, undefined)).toEqual(data);
    }));
  });

  it('have sets without duplicates', () => {
    expect(touchedData(note, { labels: ['a', 'b', 'a'] }, undefined)).toEqual({ labels: ['a', 'b'] });
  });

  it('include a set with a duplicate that is not its base', () => {
    expect(touchedData(note, { labels: ['a', 'a'] }, { labels: ['a', 'b'] })).toEqual({ labels: ['a'] });
  });
});

describe('a record after a change', () => {
  it('must have what is required from its creation on', () => {
    expect(checkRecord(note, undefined, { votes: 0 }, []).map((e) => e.code)).toEqual(['required']);
    expect(checkRecord(note, { title: 'T' }, { title: null }, ['title']).map((e) => e.code)).toContain('required');
  });

  it('may be older than a required field that it does not have', () => {
    expect(checkRecord(note, { color: 'red' }, { color: 'blue' }, ['color'])).toEqual([]);
  });

  it('keeps its immutable fields', () => {
    const [before, after] = [{ title: 'T', origin: ['a'] }, { title: 'T', origin: ['b'] }];
    expect(checkRecord(note, before, after, ['origin']).map((e) => e.code)).toEqual(['immutable']);
    expect(checkRecord(note, undefined, after, ['origin'])).toEqual([]);
  });

  it('must obey the domain’s own rules', () => {
    expect(checkRecord(note, { title: 'T', color: 'black' }, { title: 'T', color: 'red' }, ['color']).map((e) => e.code)).toEqual(['step']);
  });
});

describe('a new record', () => {
  it('has initial values under the action’s, with operators applied to them', () => {
    expect(newFields(note, { title: 'T', labels: { $add: ['a', 'a'] } })).toEqual({ title: 'T', votes: 0, labels: ['a'] });
    expect(newFields(note, { title: 'T', votes: { $inc: 3 } })).toEqual({ title: 'T', votes: 3 });
  });
});

describe('a pointer', () => {
  it('escapes what JSON pointers give a meaning', () => {
    expect(fault('a/b~c', 'x', 'y').pointer).toBe('/data/a~1b~0c');
  });
});

it('a type without fields of its own refuses every field', () => {
  const empty: EntityType = { ...note, fields: {} };
  expect(checkData(empty, update, { title: 'T' })).toHaveLength(1);
});
