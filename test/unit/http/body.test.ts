import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readJson } from '../../../src/http/body.ts';
import { LIMITS } from '../../../src/protocol/limits.ts';
import { httpEvent } from '../../support/http.ts';

const ROUTE = 'POST /api/v1/sync/upload';

function read(body: string | Buffer | undefined, headers: Record<string, string> = { 'content-type': 'application/json' }) {
  const sent = body === undefined ? {} : typeof body === 'string' ? { body } : { body: body.toString('base64'), isBase64Encoded: true };
  return readJson(httpEvent(ROUTE, { headers, ...sent }), LIMITS.bodyBytes).value;
}

function refusal(code: string) {
  return expect.objectContaining({ code });
}

const GZIP = { 'content-type': 'application/json', 'content-encoding': 'gzip' };

describe('a JSON body', () => {
  it.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"', 'application/vnd.fieldsync+json'])(
    'is read as %s',
    (type) => {
      expect(read('{"a": "é"}', { 'content-type': type })).toEqual({ a: 'é' });
    },
  );

  it.each([undefined, '', 'text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', 'application/json; charset=latin1'])(
    'is refused as %s',
    (type) => {
      expect(() => read('{}', type === undefined ? {} : { 'content-type': type })).toThrow(refusal('unsupported_media_type'));
    },
  );

  it('may come in base64, and compressed', () => {
    expect(read(Buffer.from('{"a": "é"}'))).toEqual({ a: 'é' });
    expect(read(gzipSync('{"a": "é"}'), GZIP)).toEqual({ a: 'é' });
  });

  it('is refused in another encoding', () => {
    expect(() => read(Buffer.from('{}'), { ...GZIP, 'content-encoding': 'br' })).toThrow(refusal('unsupported_media_type'));
  });

  it('begins with no byte order mark, however it comes', () => {
    for (const body of ['\uFEFF{}', Buffer.from('\uFEFF{}')]) expect(() => read(body)).toThrow(refusal('malformed_json'));
    expect(() => read(gzipSync('\uFEFF{}'), GZIP)).toThrow(refusal('malformed_json'));
  });

  it('is refused when the gzip is broken', () => {
    expect(() => read(gzipSync('{"a": 1}').subarray(0, -9), GZIP)).toThrow(refusal('malformed_request'));
    expect(() => read(Buffer.from('{}'), GZIP)).toThrow(refusal('malformed_request'));
  });

  it('is refused when it is missing', () => {
    expect(() => read(undefined)).toThrow(refusal('malformed_request'));
    expect(() => read('')).toThrow(refusal('malformed_request'));
  });

  it.each(['null', '[]', '"a"', '1', '[[[[]]]]'])('is refused unless it is an object: %s', (body) => {
    expect(() => read(body)).toThrow(refusal('malformed_request'));
  });

  it.each(['{', '{"a": 01}', '{"a": NaN}', "{'a': 1}", '{"a": 1,}', '['.repeat(1e5)])('is refused unless it is JSON: %.20s', (body) => {
    expect(() => read(body)).toThrow(refusal('malformed_json'));
  });

  it('is refused unless it is UTF-8', () => {
    expect(() => read(Buffer.from([...Buffer.from('{"a": "'), 0xc3, 0x28, ...Buffer.from('"}')]))).toThrow(refusal('malformed_json'));
  });
});

describe('the size of a body', () => {
  /** An object of exactly that many bytes. */
  const sized = (bytes: number) => `{"a":"${'x'.repeat(bytes - 8)}"}`;

  it('may be 4 MiB', () => {
    expect(read(sized(LIMITS.bodyBytes))).toHaveProperty('a');
    expect(read(Buffer.from(sized(LIMITS.bodyBytes)))).toHaveProperty('a');
    expect(read(gzipSync(sized(LIMITS.bodyBytes)), GZIP)).toHaveProperty('a');
  });

  it('may not be one byte more, sent, in base64 or inflated', () => {
    expect(() => read(sized(LIMITS.bodyBytes + 1))).toThrow(refusal('too_large'));
    expect(() => read(Buffer.from(sized(LIMITS.bodyBytes + 1)))).toThrow(refusal('too_large'));
    expect(() => read(gzipSync(sized(LIMITS.bodyBytes + 1)), GZIP)).toThrow(refusal('too_large'));
  });

  it('counts bytes, not characters', () => {
    expect(() => read(`{"a":"${'é'.repeat(LIMITS.bodyBytes / 2)}"}`)).toThrow(refusal('too_large'));
  });

  it('of a bomb is told without inflating it whole', () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, 0x20));
    expect(bomb.length).toBeLessThan(LIMITS.bodyBytes);
    expect(() => read(bomb, GZIP)).toThrow(refusal('too_large'));
  });
});
