import { describe, expect, it } from 'vitest';
import { shortened, visibleText } from '../../console/src/ui/visible-text.ts';

describe('texts from outside', () => {
  it.each([
    ['an override of the direction', 'user\u202Egpj.exe', 'user[U+202E]gpj.exe'],
    ['isolates and marks', '\u2066a\u2069\u200F', '[U+2066]a[U+2069][U+200F]'],
    ['nothing between letters', 'ad\u200Bmin\uFEFF', 'ad[U+200B]min[U+FEFF]'],
    ['codes of a terminal', '\u001B[31m\u0000', '[U+001B][31m[U+0000]'],
    ['lines of another kind', 'a\u2028b', 'a[U+2028]b'],
  ])('spell out %s', (_, text, shown) => expect(visibleText(text)).toBe(shown));

  it.each(['a\tb\nc\r\n', 'مرحبا', 'Grüße 👋🏽', '👩‍🚒'.replaceAll('\u200D', ''), '<b>&amp;'])('leave %j as it is', (text) => {
    expect(visibleText(text)).toBe(text);
  });

  it('are never cut inside of a character', () => {
    expect(shortened('ab👋', 3)).toBe('ab…');
    expect(shortened('ab👋c', 4)).toBe('ab👋…');
    expect(shortened('abc', 3)).toBe('abc');
  });
});
