import { StartProblem } from '../start-problem.ts';

/** What a network does to requests. Probabilities per request. */
export interface NetworkFates {
  /** Before it is sent on, ms. */
  readonly delayMs: readonly [least: number, most: number];
  /** Answers arrive at this rate; 0: at once. */
  readonly bytesPerSecond: number;
  /** The connection breaks before the request arrives. */
  readonly lost: number;
  /** The connection breaks after it took effect. */
  readonly unanswered: number;
  /** It is answered with a 500, 503 or 504, half of the time after it took effect. */
  readonly fails: number;
}

const GOOD: NetworkFates = { delayMs: [0, 0], bytesPerSecond: 0, lost: 0, unanswered: 0, fails: 0 };

/** The networks that `npm start -- --chaos <mode>` gives (docs/chaos.md). */
export const MODES = {
  flaky: { ...GOOD, delayMs: [0, 1500], lost: 0.12, unanswered: 0.12 },
  slow: { ...GOOD, delayMs: [800, 3000], bytesPerSecond: 20_000 },
  offline: { ...GOOD, lost: 1 },
  'lossy-answers': { ...GOOD, unanswered: 0.35 },
  'server-errors': { ...GOOD, fails: 0.3 },
} as const satisfies Record<string, NetworkFates>;

export type ChaosMode = keyof typeof MODES;

/** What each mode does, in a line. */
export const MODE_WORDS: Readonly<Record<ChaosMode, string>> = {
  flaky: 'up to 1.5 s slower; 12 % of requests never arrive, 12 % take effect without an answer',
  slow: '0.8 to 3 s before every request, and answers at 20 kB/s',
  offline: 'no request arrives',
  'lossy-answers': 'every request takes effect, and 35 % get no answer',
  'server-errors': '30 % end in a 500, 503 or 504, half of those after they took effect',
};

/** `flaky` or `flaky,seed=7`; `none`: no chaos. Throws `StartProblem` for anything else. */
export function parseChaos(text: string): { mode: ChaosMode; seed: number } | undefined {
  const [mode = '', ...rest] = text.trim().split(',');
  const [, seed] = /^seed=(\d{1,9})$/.exec(rest[0] ?? 'seed=1') ?? [];
  if (rest.length > 1 || seed === undefined || !(mode === 'none' || Object.hasOwn(MODES, mode))) {
    throw new StartProblem(`--chaos ${text} is not known: use ${Object.keys(MODES).join(', ')} or none, and ,seed=7 behind it if you like.`);
  }
  return mode === 'none' ? undefined : { mode: mode as ChaosMode, seed: Number(seed) };
}
