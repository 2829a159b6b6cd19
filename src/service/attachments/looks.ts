import { LIMITS } from '../../protocol/limits.ts';

const MINUTE_MS = 60_000;

/** After the first look, which comes when a link has run out: who began to send before may still be sending. */
const PAUSES_MS = [10 * MINUTE_MS, 60 * MINUTE_MS, 6 * 60 * MINUTE_MS, 24 * 60 * MINUTE_MS];

/** When to look for an object whose event never came, from the moment a link was given. */
export function firstLookMs(): number {
  return LIMITS.linkSeconds * 1000 + MINUTE_MS;
}

/** How long to wait after so many looks in vain; nothing: no more, until someone asks for it again. */
export function nextLookMs(looks: number): number | undefined {
  return PAUSES_MS[looks];
}
