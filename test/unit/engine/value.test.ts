import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, jsonBytes, pick, sameJson, utf8Bytes } from '../../../src/engine/value.ts';
import { jsonValues, reordered } from '../../support/json-values.ts';

describe('JSON values', () => {
  it('are the same, whatever the order of keys', () => {
    fc.assert(fc.property(jsonValues, (value) => sameJson(value, reordered(value))));
  });

  it('have one canonical text each: equal texts exactly for equal values', () => {
    fc.assert(
      fc.property(jsonValues, jsonValues, (a, b) => {
        expect(canonicalJson(a)).toBe(canonicalJson(reordered(a)));
        expect(canonicalJson(a) === canonicalJson(b)).toBe(sameJson(a, b));
      }),
    );
  });

  it('come back from their canonical text', () => {
    fc.assert(fc.property(jsonValues, (value) => sameJson(JSON.parse(canonicalJson(value)), value)));
  });

  it('differ where only one is a list, null or missing', () => {
    expect(sameJson([], {})).toBe(false);
    expect(sameJson('', {})).toBe(false);
    expect(sameJson({ 0: 'a', 1: 'b' }, 'ab')).toBe(false);
    expect(sameJson(7, {})).toBe(false);
    expect(sameJson(null, {})).toBe(false);
    expect(sameJson(null, undefined)).toBe(false);
    expect(sameJson({ a: 1, b: 2 }, { a: 1, c: 2 })).toBe(false);
    expect(sameJson({ toString: 1 }, { other: 1 })).toBe(false);
  });
});

describe('sizes', () => {
  it('of texts are their UTF-8 bytes', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(utf8Bytes(text)).toBe(new TextEncoder().encode(text).length);
    }));
  });

  it('of values are the bytes of their JSON; missing members cost nothing', () => {
    fc.assert(fc.property(jsonValues, (value) => {
      expect(jsonBytes(value)).toBe(Buffer.byteLength(JSON.stringify(value)));
    }));
    expect(jsonBytes({ a: 1, b: undefined })).toBe(7);
    expect(jsonBytes(undefined)).toBe(0);
  });
});

describe('picking', () => {
  it('takes the fields that are there', () => {
    expect(pick({ a: 1, b: null, c: 3 }, ['a', 'b', 'x'])).toEqual({ a: 1, b: null });
  });

  it('takes nothing that an object merely inherits', () => {
    expect(Object.keys(pick({ a: 1 }, ['toString', 'constructor']))).toEqual([]);
  });
});
