import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DICTIONARY } from '../../../src/adapters/dynamodb/dictionary.ts';
import { pack, unpack } from '../../../src/adapters/dynamodb/pack.ts';
import { jsonValues } from '../../support/json-values.ts';

const GOLDEN = 'AatGcQhYDjXr5OkaoiZe5Pgqyk9MKQbZAysqfA5vK09VqgUA';
const DICTIONARY_HASH = 'UYcoR3a1NFmmtD87Mi_rrgB7kClmq8lMXSNPymjh3R8';

describe('packing', () => {
  it('gives back any value', () => {
    fc.assert(
      fc.property(jsonValues, fc.string(), (value, context) => {
        expect(unpack(pack(value, context), context)).toStrictEqual(value);
      }),
    );
  });

  it('never makes a value larger', () => {
    fc.assert(
      fc.property(jsonValues, (value) => {
        expect(Buffer.from(pack(value, '')).length).toBeLessThanOrEqual(Buffer.from(JSON.stringify(value)).length);
      }),
    );
  });

  it('makes what repeats the context next to nothing', () => {
    const id = '7d3f6b1e-9c52-4d0e-8f5e-3b0a4c1d2e6f';
    expect(pack({ sub: id }, `user:${id}`).length).toBeLessThan(pack({ sub: id }, '').length - 15);
  });

  it('reads what any version of this format ever wrote', () => {
    // Stored data lives for months: a new dictionary, or another compression, needs a new format beside this one.
    const stored = Buffer.from(GOLDEN, 'base64');
    expect(unpack(stored, 'user:alice note#n-1')).toEqual({ home: 'user:alice', entityId: 'n-1', audience: ['department:roads'], title: 'Löwe' });
    expect(createHash('sha256').update(DICTIONARY).digest('base64url')).toBe(DICTIONARY_HASH);
  });

  it('reads nothing of a format that it does not know', () => {
    for (const stored of [Uint8Array.of(), Uint8Array.of(2, 1, 2), undefined, null, 5, { S: 'x' }]) {
      expect(() => unpack(stored, '')).toThrow('unknown format');
    }
    expect(() => unpack('{"broken":', '')).toThrow();
    expect(() => unpack(Uint8Array.of(1, 255, 255), '')).toThrow();
  });
});
