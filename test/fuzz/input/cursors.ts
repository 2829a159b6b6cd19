import fc from 'fast-check';
import type { Json } from '../../../src/protocol/json.ts';
import { LITERALS, TEXTS } from './hostile.ts';
import { changedAt, countOf, nodeOf, textOf } from './json-text.ts';

/** Cursors near a real one: base64url of a JSON list whose parts were changed, cut, or are something else. */
export function cursorsNear(real: string): fc.Arbitrary<string> {
  const parts = parsed(real);
  const forged = fc.array(fc.tuple(fc.nat(60), fc.constantFrom(...LITERALS)), { minLength: 1, maxLength: 3 }).map((changes) => {
    const node = changes.reduce((whole, [at, text]) => changedAt(whole, at % countOf(whole), () => ({ text })), nodeOf(parts));
    return Buffer.from(textOf(node)).toString('base64url').slice(0, 7000);
  });
  return fc.oneof(
    { weight: 6, arbitrary: forged },
    { weight: 1, arbitrary: fc.constant(real) },
    { weight: 1, arbitrary: fc.nat().map((at) => real.slice(0, at % (real.length + 1))) },
    { weight: 1, arbitrary: fc.nat().map((at) => `${real.slice(0, at % real.length)}!${real.slice(at % real.length)}`) },
    { weight: 1, arbitrary: fc.constantFrom(...TEXTS) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  );
}

function parsed(cursor: string): Json {
  return JSON.parse(Buffer.from(cursor, 'base64url').toString()) as Json;
}
