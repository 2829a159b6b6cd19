import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  attachments,
  boolean,
  counter,
  date,
  immutable,
  initially,
  language,
  numberBetween,
  oneOf,
  recordId,
  required,
  setOf,
  slug,
  string,
  subject,
  text,
} from '../../../src/domain/fields.ts';
import type { FieldSpec } from '../../../src/engine/domain.ts';
import type { Json } from '../../../src/protocol/json.ts';
import { jsonValues } from '../../support/json-values.ts';

const ajv = new Ajv2020({ strict: true });
/** What the OpenAPI document says of a field must let through whatever the field takes. */
const takes = (spec: FieldSpec, ...values: Json[]) => {
  for (const value of values) {
    expect([value, spec.check(value)]).toEqual([value, undefined]);
    expect([value, ajv.validate(spec.schema ?? false, value)]).toEqual([value, true]);
  }
};
const refuses = (spec: FieldSpec, ...values: Json[]) => {
  for (const value of values) expect([value, typeof spec.check(value)]).toEqual([value, 'string']);
};

describe('fields', () => {
  const all = [string(1, 9), text(9), slug(), subject(), recordId(), numberBetween(-1, 1), oneOf(['a']), boolean(), language(), date(), setOf(2, slug()), attachments(2), counter()];

  it('judge any value, with a sentence or nothing', () => {
    fc.assert(fc.property(fc.constantFrom(...all), jsonValues, (spec, value) => {
      const message = spec.check(value);
      if (message !== undefined) expect(message).toMatch(/^[A-Z].*\.$/);
    }));
  });

  it('have a schema that refuses nothing that they take', () => {
    fc.assert(fc.property(fc.constantFrom(...all), jsonValues, (spec, value) => {
      if (spec.check(value) === undefined) expect(ajv.validate(spec.schema ?? false, value)).toBe(true);
    }));
  });

  it('echo nothing of the value that they refuse', () => {
    for (const spec of all) expect(spec.check('SECRET value')?.includes('SECRET') ?? false).toBe(false);
  });
});

describe('texts', () => {
  it('are as long as they have characters, not UTF-16 units', () => {
    takes(string(1, 3), 'abc', '😀😀😀', 'a');
    refuses(string(1, 3), 'abcd', '😀😀😀😀', '', 7, null, ['a']);
  });

  it('with a minimum are not blank', () => {
    refuses(string(1, 10), ' ', '\n\t ');
    takes(string(0, 10), '', ' ');
  });

  it('that are long merge by lines; short ones do not', () => {
    expect(text(10)).toMatchObject({ kind: 'text', merge: 'text' });
    expect(string(1, 10)).toMatchObject({ kind: 'scalar', merge: 'latest' });
    takes(text(5), '', 'a\nb');
    refuses(text(5), 'abcdef');
  });
});

describe('names and ids', () => {
  it('of departments and categories are slugs', () => {
    takes(slug(), 'roads', 'a', 'parks-2', 'x'.repeat(64));
    refuses(slug(), 'Roads', 'a b', '', 'x'.repeat(65), 'a_b', 'roads\n', 3);
  });

  it('of users are printable', () => {
    takes(subject(), 'alice', 'auth0|5f7', 'x'.repeat(128), 'Zoë');
    refuses(subject(), '', 'x'.repeat(129), 'a\u0000b', 'a\nb', 5);
  });

  it('of records are entity ids or numbers', () => {
    takes(recordId(), 'a-1_B', '123', 123);
    refuses(recordId(), '', 'a b', 0, -1, 1.5, 'x'.repeat(65), {});
  });

  it('of attachments are ids', () => {
    takes(attachments(2), [], ['abc_-9', 'b']);
    refuses(attachments(2), 'abc', ['a/b'], [9], [''], ['a', 'b', 'c']);
  });
});

describe('numbers', () => {
  it('lie in their range, ends included', () => {
    takes(numberBetween(-90, 90), -90, 90, 0.5);
    refuses(numberBetween(-90, 90), -90.1, 91, '1', true, Number.NaN, Number.POSITIVE_INFINITY);
  });

  it('that count are whole, from zero, and begin there', () => {
    takes(counter(), 0, 5, Number.MAX_SAFE_INTEGER);
    refuses(counter(), -1, 0.5, '1', Number.MAX_SAFE_INTEGER + 1, { $inc: 1 });
    expect(counter()).toMatchObject({ kind: 'counter', initial: 0 });
  });
});

describe('choices, truths and languages', () => {
  it('are one of theirs', () => {
    takes(oneOf(['a', 'b']), 'a', 'b');
    refuses(oneOf(['a', 'b']), 'c', 'toString', 0, null);
    takes(boolean(), true, false);
    refuses(boolean(), 'true', 0, null);
    takes(language(), 'de', 'pt-BR', 'zh-Hant-TW');
    refuses(language(), 'd', 'english', 'de_DE', '', 'de-');
  });
});

describe('dates', () => {
  it('are days that exist, or times with a zone', () => {
    takes(date(), '2025-10-19', '2024-02-29', '2025-10-19T10:00:00Z', '2025-10-19T10:00:00.5+02:00');
    refuses(date(), '2025-02-29', '2025-13-01', '2025-10-19T10:00:00', '19.10.2025', '2025-1-1', 20251019, '2025-10-19T25:00:00Z');
  });
});

describe('sets', () => {
  it('have so many items at most, each a good one', () => {
    takes(setOf(2, slug()), [], ['a'], ['a', 'b']);
    refuses(setOf(2, slug()), ['a', 'b', 'c'], ['A'], [null], 'a', {}, null);
    expect(setOf(2, slug())).toMatchObject({ kind: 'set', merge: 'union' });
  });
});

describe('wrappers', () => {
  it('add to a field and leave the rest as it is', () => {
    const spec = initially('a', immutable(required(oneOf(['a']))));
    expect(spec).toMatchObject({ kind: 'scalar', required: true, immutable: true, initial: 'a' });
    takes(spec, 'a');
  });
});
