import { LIMITS } from '../protocol/limits.ts';
import type { HttpEvent } from './event.ts';

/** What a caller prefers (RFC 7240), as far as it is honoured here. */
export type Preferences = {
  /** How long to wait for outcomes, ms. */
  waitMs: number;
  /** Add the records to the results. */
  representation: boolean;
  /** The header that says what was asked for and is honoured. */
  headers: { 'preference-applied'?: string };
};

type Preference = 'wait' | 'respond-async' | 'return';

/** Kept of an invocation's time for answering after the wait. */
const RESERVE_MS = 4000;

/**
 * Reads the `Prefer` header: `wait=N` (seconds, 20 at most), `respond-async` (no wait, unless `wait` says how long),
 * `return=representation`. Of a repeated preference the first counts; what is malformed, unknown or not among
 * `honoured` is ignored. No wait is longer than `remainingMs` allows.
 */
export function preferencesOf(headers: HttpEvent['headers'], remainingMs: number, honoured: readonly Preference[]): Preferences {
  const asked = parse(headers['prefer'] ?? '');
  const get = (name: Preference) => (honoured.includes(name) ? asked.get(name) : undefined);
  const seconds = /^\d{1,9}$/.exec(get('wait') ?? '');
  const wait = seconds ? Math.min(Number(seconds[0]), LIMITS.waitSecondsMax) : undefined;
  const async = get('respond-async') === '';
  const representation = get('return') === 'representation';
  const applied = [
    ...(async ? ['respond-async'] : []),
    ...(wait === undefined ? [] : [`wait=${wait}`]),
    ...(representation ? ['return=representation'] : []),
  ];
  const waitMs = (wait ?? (async ? 0 : LIMITS.waitSecondsDefault)) * 1000;
  return {
    waitMs: Math.max(0, Math.min(waitMs, remainingMs - RESERVE_MS)),
    representation,
    headers: applied.length > 0 ? { 'preference-applied': applied.join(', ') } : {},
  };
}

/** Preferences by name in lower case; '' for one without a value. Their parameters (after `;`) mean nothing here. */
function parse(header: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const preference of header.split(',')) {
    const [name = '', value = ''] = (preference.split(';')[0] ?? '').split('=', 2).map((part) => part.trim());
    const key = name.toLowerCase();
    if (key !== '' && !found.has(key)) found.set(key, value.replace(/^"(.*)"$/, '$1'));
  }
  return found;
}
