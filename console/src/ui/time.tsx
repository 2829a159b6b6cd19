import { signal } from '@preact/signals';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Moves on every half minute while the tab is shown, so that "2 min ago" stays true. */
export const now = signal(Date.now());
setInterval(() => { if (!document.hidden) now.value = Date.now(); }, MINUTE_MS / 2);
document.addEventListener('visibilitychange', () => { if (!document.hidden) now.value = Date.now(); });

const today = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const thisYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
const older = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'long' });

export function ago(atMs: number, nowMs: number): string {
  const passed = nowMs - atMs;
  if (passed < MINUTE_MS) return passed < -MINUTE_MS ? thisYear.format(atMs) : 'just now';
  if (passed < 60 * MINUTE_MS) return `${Math.floor(passed / MINUTE_MS)} min ago`;
  if (passed < DAY_MS) return `${Math.floor(passed / (60 * MINUTE_MS))} h ago`;
  if (passed < 7 * DAY_MS) return `${Math.floor(passed / DAY_MS)} d ago`;
  return new Date(atMs).getFullYear() === new Date(nowMs).getFullYear() ? thisYear.format(atMs) : older.format(atMs);
}

/** A time of this zone, roughly; the exact one on hover. */
export function Time({ at, never = 'never', clock = false }: { at: string | null | undefined; never?: string; clock?: boolean }) {
  if (at === null || at === undefined) return <span class="quiet">{never}</span>;
  const atMs = Date.parse(at);
  if (Number.isNaN(atMs)) return <span class="quiet">{never}</span>;
  const sameDay = new Date(atMs).toDateString() === new Date(now.value).toDateString();
  const text = clock ? (sameDay ? today : thisYear).format(atMs) : ago(atMs, now.value);
  return <time dateTime={at} title={`${exact.format(atMs)} (${at})`}>{text}</time>;
}

/** A span of ms for people: `850 ms`, `12 s`, `3.5 min`, `2.1 h`, `4 d`. */
export function span(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < MINUTE_MS) return `${trim(ms / 1000)} s`;
  if (ms < 60 * MINUTE_MS) return `${trim(ms / MINUTE_MS)} min`;
  if (ms < DAY_MS) return `${trim(ms / (60 * MINUTE_MS))} h`;
  return `${trim(ms / DAY_MS)} d`;
}

/** Bytes for people, in powers of 1024. */
export function bytes(n: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let value = n;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${trim(value)} ${units[unit] ?? ''}`;
}

function trim(value: number): string {
  return value >= 100 || Number.isInteger(value) ? String(Math.round(value)) : value.toFixed(1).replace(/\.0$/, '');
}
