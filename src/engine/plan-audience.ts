import { recordKey } from './keys.ts';
import type { AudienceNote, Change, EntityRow, Scope } from './model.ts';

/** A record to look at again: what its home holds now, and what this scope holds. */
export type Look = { home: EntityRow | undefined; copy: EntityRow | undefined; note: AudienceNote; type: string; entityId: string };

/**
 * What an audience scope must append so that its copy follows the home (design 4, Audience). Late and repeated notes
 * give nothing. A tombstone gives `deleted`, a record that no longer belongs here `left`; where there is no copy and
 * no claim, nothing.
 */
export function planCopy(scope: Scope, n: number, look: Look): Change | undefined {
  const { home, copy, note } = look;
  const version = home?.version ?? note.n;
  if (isSettled(look)) return undefined;
  const present = copy !== undefined && copy.state === 'live';
  if (home?.state === 'live' && home.audience.includes(scope)) {
    return { row: copyOf(home, scope, n, 'live'), to: [], ...(present ? {} : { alias: 'put' as const }) };
  }
  if (!present) return undefined;
  const deleted = home === undefined || home.state === 'deleted';
  const image = home ?? { ...copy, version };
  return { row: { ...copyOf(image, scope, n, deleted ? 'deleted' : 'left'), fields: {} }, to: [], alias: 'expire' };
}

/**
 * Does the log itself say that this look needs nothing? A copy at or past the version took a number after the home was
 * read. Else a worker that read an older home, and still sees a claim there, might commit after this one decided that
 * there is nothing to do: the decision must take a number too (P6, P10).
 */
export function isSettled({ home, copy, note }: Look): boolean {
  return copy !== undefined && copy.version >= (home?.version ?? note.n);
}

/** Copies carry no stamps: conflicts are judged at home. */
function copyOf(home: EntityRow, scope: Scope, n: number, state: EntityRow['state']): EntityRow {
  const { stamps: _stamps, created: _created, gone: _gone, ...image } = home;
  return { ...image, scope, n, state, audience: [] };
}

/** Key of the copy that a note's record has in a scope. */
export function copyKey(scope: Scope, note: AudienceNote, record: { type: string; entityId: string }): string {
  return recordKey(scope, note.home, record.type, record.entityId);
}
