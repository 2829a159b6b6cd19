/**
 * Controls that are not seen and change how their surroundings are read: direction overrides and isolates, zero-width
 * characters, C0 and C1 codes other than tab and line ends. What people's phones sent may hold any of them.
 */
// oxlint-disable-next-line no-control-regex -- finding control characters is the point
const UNSEEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/** The text with unseen controls spelt out, such as `[U+202E]`, so that it reads as what it is. */
export function visibleText(text: string): string {
  return text.replace(UNSEEN, (char) => `[U+${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}]`);
}

/** Cut after `most` characters, never inside of one. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = /[\ud800-\udbff]/.test(text[most - 1] ?? '') ? most - 1 : most;
  return `${text.slice(0, end)}…`;
}
