import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cutDeep } from '../../../src/http/cut-deep.ts';
import { jsonValues } from '../../support/json-values.ts';

const padding = ' '.repeat(64 * 1024);
const nested = (levels: number, core = '') => `${'['.repeat(levels)}${core}${']'.repeat(levels)}`;

it('leaves what is not deep as it is, and so does it with short texts', () => {
  fc.assert(fc.property(jsonValues, (value) => {
    const text = JSON.stringify({ a: value, b: '[[[{"\\' }) + padding;
    expect(cutDeep(text)).toBe(text);
  }));
  expect(cutDeep(nested(65) + padding)).not.toContain('[]');
  expect(cutDeep(nested(1000))).toBe(nested(1000));
});

it('puts null for all that lies deeper than 64 levels, however often', () => {
  const deep = nested(100_000, '{"a": "]}\\"]"}');
  expect(JSON.parse(cutDeep(`{"a": ${deep}, "b": [${deep}, 1]}`))).toEqual({
    a: JSON.parse(nested(63, 'null')),
    b: [JSON.parse(nested(62, 'null')), 1],
  });
});

it.each(['['.repeat(1e5), `${'['.repeat(1e5)}"${']'.repeat(1e5)}`, `{"a":${'{"a":'.repeat(1e5)}`])('refuses what never closes: %.10s', (text) => {
  expect(() => cutDeep(text)).toThrow(expect.objectContaining({ code: 'malformed_json' }));
});

it.each([']'.repeat(1e5), `"${padding}`, `"${padding}\\`])('leaves to the parser what is broken higher up: %.3s', (text) => {
  expect(cutDeep(text)).toBe(text);
});
