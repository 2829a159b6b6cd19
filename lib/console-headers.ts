/**
 * What the console's pages may do: run and style themselves by their own files, and speak to `connect` (origins besides
 * their own). No inline code, no eval, no way to write markup from text, nobody's frame.
 */
export function consolePolicy(connect: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    ['connect-src', "'self'", ...connect].join(' '),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

/** Nothing of the address leaves the page, and it uses no power of the device. */
export const REFERRER_POLICY = 'no-referrer';
export const PERMISSIONS_POLICY = 'camera=(), geolocation=(), microphone=(), payment=(), usb=()';

/** Names of files below it have a hash of what is in them: they may be kept for ever. All else is asked for again. */
export const KEPT_FOLDER = 'assets/';
export const KEPT_CACHE = 'public, max-age=31536000, immutable';
export const FRESH_CACHE = 'no-cache';
