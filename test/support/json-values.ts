import fc from 'fast-check';
import type { Json, JsonObject } from '../../src/protocol/json.ts';

/** Well-formed texts, with letters of one to four UTF-8 bytes. */
export const texts: fc.Arbitrary<string> = fc.string({ unit: fc.constantFrom('a', 'b', '"', '\n', 'é', 'ß', '€', '語', '😀'), maxLength: 12 });

const keys = fc.oneof(fc.constantFrom('a', 'b', 'toString', 'length', '0', '10', '9'), texts);

/** Names that a field may have: the HTTP layer lets no other through. */
export const fieldNames: fc.Arbitrary<string> = fc.string({ minLength: 1 })
  .filter((name) => !['__proto__', 'constructor', 'prototype'].includes(name));

/** Any JSON value, small, without `-0`, which JSON does not keep. */
export const jsonValues: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constant<Json>(null),
    fc.boolean(),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => (x === 0 ? 0 : x)),
    texts,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(keys, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

/** The same value with the keys of every object in another order. */
export function reordered(value: Json): Json {
  if (Array.isArray(value)) return value.map(reordered);
  if (value === null || typeof value !== 'object') return value;
  const result: JsonObject = {};
  for (const key of Object.keys(value).reverse()) result[key] = reordered(value[key] ?? null);
  return result;
}
