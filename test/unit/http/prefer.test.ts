import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { preferencesOf } from '../../../src/http/prefer.ts';

const ALL = ['wait', 'respond-async', 'return'] as const;

function read(prefer: string | undefined, remainingMs = 29_000) {
  const { waitMs, representation, headers } = preferencesOf({ prefer }, remainingMs, ALL);
  return [waitMs, representation, headers['preference-applied']];
}

describe('preferences', () => {
  it.each([
    [undefined, 5000, false, undefined],
    ['wait=0', 0, false, 'wait=0'],
    ['wait=7', 7000, false, 'wait=7'],
    ['wait=20', 20_000, false, 'wait=20'],
    ['wait=600', 20_000, false, 'wait=20'],
    ['Wait="3"; foo=bar', 3000, false, 'wait=3'],
    ['wait=3, wait=9', 3000, false, 'wait=3'],
    ['respond-async', 0, false, 'respond-async'],
    ['respond-async, wait=2', 2000, false, 'respond-async, wait=2'],
    ['return=representation', 5000, true, 'return=representation'],
    ['wait=1,return=representation,unheard-of', 1000, true, 'wait=1, return=representation'],
    ['return=minimal', 5000, false, undefined],
    ['wait=-1', 5000, false, undefined],
    ['wait=1.5', 5000, false, undefined],
    ['wait=soon', 5000, false, undefined],
    ['wait', 5000, false, undefined],
    ['respond-async=no', 5000, false, undefined],
    [',;=,', 5000, false, undefined],
  ])('%s: wait %i ms, representation %s, applied: %s', (header, waitMs, representation, applied) => {
    expect(read(header)).toEqual([waitMs, representation, applied]);
  });

  it('never wait longer than the invocation lasts', () => {
    expect(read('wait=20', 10_000)[0]).toBe(6000);
    expect(read('wait=20', 1000)[0]).toBe(0);
  });

  it('are ignored where they are not honoured', () => {
    const { waitMs, representation, headers } = preferencesOf({ prefer: 'respond-async, return=representation' }, 29_000, ['wait']);
    expect([waitMs, representation, headers]).toEqual([5000, false, {}]);
  });

  it('of any text lead to a wait of 0 to 20 s', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom('wait', '=', ',', ';', '"', '9', '1', ' ', 'respond-async') }), (header) => {
      const [waitMs] = read(header);
      expect(waitMs).toBeGreaterThanOrEqual(0);
      expect(waitMs).toBeLessThanOrEqual(20_000);
    }));
  });
});
