import { SyncError } from '../service/errors.ts';

/** Deeper than anything that may be kept: what lies below is never looked at. */
const MOST_LEVELS = 64;
/** A shorter text can't nest deep enough to cost anything, bytes. */
const HARMLESS_LENGTH = 64 * 1024;

/**
 * JSON text with `null` for what lies more than 64 levels deep, so that a parser never builds millions of levels of a
 * value that is refused anyway. What is cut away need not be JSON itself, but for its brackets and quotes.
 *
 * @throws SyncError `malformed_json`, if it ends deeper than that.
 */
export function cutDeep(text: string): string {
  if (text.length < HARMLESS_LENGTH) return text;
  let kept = '';
  let from = 0;
  let start = 0;
  let level = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) at = endOfString(text, at);
    else if (code === 0x5b || code === 0x7b) {
      level += 1;
      if (level === MOST_LEVELS + 1) start = at;
    } else if (code === 0x5d || code === 0x7d) {
      if (level === MOST_LEVELS + 1) {
        kept += `${text.slice(from, start)}null`;
        from = at + 1;
      }
      level -= 1;
    }
  }
  if (level > MOST_LEVELS) throw new SyncError('malformed_json', 'The body is not valid JSON.');
  return kept + text.slice(from);
}

/** Index of the quote that ends the string begun here, or the text's end. */
function endOfString(text: string, begin: number): number {
  for (let end = begin + 1; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === 0x22) return end;
    if (code === 0x5c) end += 1;
  }
  return text.length;
}
