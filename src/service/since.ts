import { decodeCursor, encodeCursor, type Cursor } from '../engine/cursor.ts';
import type { Scope } from '../engine/model.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { Deps } from './deps.ts';
import { Trouble } from './errors.ts';
import type { Remembered } from './ports/device-store.ts';
import type { Owner } from './ports/inbox.ts';

const TRIES = 16;
/** Who was overtaken tries again at once, then after a while by chance, so that not all come together again. */
const TRIES_AT_ONCE = 3;
const LONGEST_PAUSE_MS = 640;

/**
 * The cursor behind a `sync_timestamp` that this device was given; nothing for any other time. `given`: scopes of which
 * it was given something since that time; it may hold them, though the cursor does not name them.
 */
export async function cursorSince(deps: Deps, owner: Owner, since: string): Promise<{ cursor: Cursor | undefined; given: Scope[] }> {
  const ts = Date.parse(since);
  const { entries } = await deps.devices.remembered(owner.user, owner.device);
  const entry = entries.find((candidate) => candidate.ts === ts);
  return { cursor: entry && decodeCursor(entry.cursor), given: scopesOf(entry ? entries.filter((later) => later.ts > ts) : entries) };
}

/** Scopes of which the device was given something lately: it may still hold them, whatever cursor it comes with. */
export async function scopesGiven(deps: Deps, owner: Owner): Promise<Scope[]> {
  return scopesOf((await deps.devices.remembered(owner.user, owner.device)).entries);
}

function scopesOf(entries: Remembered['entries']): Scope[] {
  return [...new Set(entries.flatMap(({ cursor }) => Object.keys(decodeCursor(cursor)?.scopes ?? {})))];
}

/**
 * Gives the cursor a `sync_timestamp` of its own, unique and growing per device, and remembers both before they are
 * answered, so that `since` resumes exactly (design 4, Since). What the device just presented is kept. `afresh`: the
 * device drops what it holds. Then `floor` is a time with no cursor behind it, later than all before: what uploads
 * answer with from now on, for from an older time a device would not get again what it dropped (P5). `admit` is
 * asked before anything is remembered of a device for the first time: anyone can write a cursor.
 */
export async function remember(
  deps: Deps,
  owner: Owner,
  cursor: Cursor,
  presented: number,
  afresh: boolean,
  admit: () => Promise<void>,
): Promise<{ cursor: Cursor; text: string; floor?: number }> {
  for (let i = 0; i < TRIES; i++) {
    if (i >= TRIES_AT_ONCE) await deps.clock.sleep(deps.ids.random() * Math.min(LONGEST_PAUSE_MS, 10 * 2 ** i));
    const read = await deps.devices.remembered(owner.user, owner.device);
    if (read.revision === 0) await admit();
    const last = Math.max(presented, ...read.entries.map((entry) => entry.ts));
    const stamped = { ...cursor, ts: Math.max(deps.clock.now(), last + (afresh ? 2 : 1)) };
    // A device that never came before has nothing to be led back to.
    const floor = afresh && read.entries.length > 0 ? { floor: stamped.ts - 1 } : {};
    const text = encodeCursor(stamped);
    const entries = keep(withMissed(read.entries, presented), presented, { ts: stamped.ts, cursor: text });
    if (await deps.devices.remember(owner.user, owner.device, read, entries)) return { cursor: stamped, text, ...floor };
  }
  throw new Trouble('the device is downloading many times at once', undefined);
}

/**
 * A device presents the last page that it got: the later ones, which it was handed before it came this time, were lost.
 * They can still be resumed from, should one arrive after all, but prove no knowledge (P4).
 */
function withMissed(entries: Remembered['entries'], presented: number): Remembered['entries'] {
  return entries.map(({ ts, cursor, missed }) => ({
    ts,
    cursor,
    ...(ts > presented || (missed && ts !== presented) ? { missed: true as const } : {}),
  }));
}

/** At most 20: the oldest go first, but never the one just presented. */
export function keep(
  entries: Remembered['entries'],
  presented: number,
  added: Remembered['entries'][number],
): Remembered['entries'] {
  const kept = [...entries, added].sort((a, b) => a.ts - b.ts);
  while (kept.length > LIMITS.rememberedTimestamps) {
    const oldest = kept.findIndex((entry) => entry.ts !== presented);
    kept.splice(oldest, 1);
  }
  return kept;
}
