import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chosenCoding, encode } from '../../../src/http/encode.ts';
import { bodyJson } from '../../support/http.ts';

const LONG = { text: 'x'.repeat(2000) };

describe('an encoded answer', () => {
  it('is the same once decoded, whatever the caller accepts', () => {
    const accepted = fc.constantFrom(undefined, '', 'gzip', 'br', 'gzip, br', 'identity', '*', 'gzip;q=0', 'br;q=0.1, gzip');
    fc.assert(fc.property(fc.jsonValue(), accepted, fc.nat(3000), (value, acceptEncoding, pad) => {
      const body = { value, pad: 'p'.repeat(pad) };
      const result = encode({ status: 200, body }, 'r', acceptEncoding);
      expect(bodyJson(result)).toEqual(JSON.parse(JSON.stringify(body)));
    }));
  });

  it('says what it is, and that nobody may keep it', () => {
    expect(encode({ status: 202, body: {}, headers: { allow: 'GET' } }, 'request-1', undefined)).toEqual({
      statusCode: 202,
      headers: {
        'content-type': 'application/json',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-request-id': 'request-1',
        vary: 'Accept-Encoding',
        allow: 'GET',
      },
      body: '{}',
      isBase64Encoded: false,
    });
  });

  it('is compressed only where it pays', () => {
    expect(encode({ status: 200, body: LONG }, 'r', 'gzip').headers).toHaveProperty('content-encoding', 'gzip');
    expect(encode({ status: 200, body: { text: 'x'.repeat(900) } }, 'r', 'gzip').headers).not.toHaveProperty('content-encoding');
  });

  it('of 4 MiB fits into what Lambda returns, though every character had to be escaped', () => {
    const result = encode({ status: 200, body: { text: '"'.repeat(2 * 1024 * 1024) } }, 'r', undefined);
    expect(JSON.stringify(result).length).toBeLessThan(6 * 1024 * 1024);
  });
});

describe('the coding', () => {
  it.each([
    ['', 'identity'],
    ['identity', 'identity'],
    ['deflate', 'identity'],
    ['gzip', 'gzip'],
    ['x-gzip', 'gzip'],
    ['GZIP, deflate, BR', 'br'],
    ['br;q=0.5, gzip;q=0.8', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['gzip;q=0', 'identity'],
    ['*', 'br'],
    ['br;q=0, *;q=0.1', 'gzip'],
    ['*;q=0', 'identity'],
    ['br;q=often', 'identity'],
  ])('for %j is %s', (acceptEncoding, coding) => {
    expect(chosenCoding(acceptEncoding)).toBe(coding);
  });
});
