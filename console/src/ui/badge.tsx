import type { ComponentChildren } from 'preact';

export type Tone = 'good' | 'warn' | 'bad' | 'calm';

/** A word with a dot in front; colour is never the only sign. */
export function Badge({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}

const TONES: Readonly<Record<string, Tone>> = {
  success: 'good', resolved: 'good', good: 'good', conflict: 'warn', unresolved: 'warn', conflicts: 'warn', waiting: 'warn', rejected: 'bad',
  failed: 'bad', failing: 'bad', stalled: 'bad', dead: 'bad',
};

/** How a status, an outcome or a health of the API reads. */
export function toneOf(word: string): Tone {
  return Object.hasOwn(TONES, word) ? TONES[word]! : 'calm';
}
