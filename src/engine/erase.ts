import { linksOf } from './attachments.ts';
import type { Change, Commit, EntityRow, Scope, Stamp } from './model.ts';

/*
 * What is left of a person in logs and views once they asked to be forgotten (ADR 17). Numbers, times, the count of
 * changes and their order stay, for cursors point at them (P5, P14): only what the changes said is gone.
 */

/** A record as if it had been deleted: under the same numbers, without its fields. */
export function emptied(row: EntityRow): EntityRow {
  const { stamps: _stamps, attachments: _attachments, ...rest } = row;
  return { ...rest, fields: {}, state: row.state === 'left' ? 'left' : 'deleted' };
}

/** Has the row nothing more to empty? */
export function isEmpty(row: EntityRow): boolean {
  return row.state !== 'live' && row.stamps === undefined && row.attachments === undefined && Object.keys(row.fields).length === 0;
}

/**
 * The commit without what it told of a person: records that live in their scope are empty, their outcomes and their
 * conflicts are gone, and so are conflicts of others about their records. Nothing: there is nothing to take away.
 */
export function withoutPerson(commit: Commit, user: string, own: Scope): Commit | undefined {
  const emptyOne = (change: Change): Change => (change.row.home === own && !isEmpty(change.row) ? { ...change, row: emptied(change.row) } : change);
  const changes = commit.changes.map(emptyOne);
  const outcomes = commit.outcomes.filter((outcome) => outcome.user !== user);
  const conflicts = commit.conflicts.filter((conflict) => conflict.user !== user && conflict.home !== own);
  const same = outcomes.length === commit.outcomes.length && conflicts.length === commit.conflicts.length && changes.every((change, i) => change === commit.changes[i]);
  return same ? undefined : { ...commit, changes, outcomes, conflicts };
}

/** The commit that deletes records for everybody who sees them, and leaves nothing of them. */
export function erasingCommit(scope: Scope, n: number, at: number, prevAt: number, rows: readonly EntityRow[]): Commit {
  const gone: Stamp = { n, at, sub: ERASER, device: ERASER, order: 0, time: at };
  return {
    scope, n, at, prevAt, outcomes: [], conflicts: [],
    changes: rows.map((before) => {
      const row: EntityRow = { ...emptied(before), version: n, n, updatedAt: at, updatedBy: ERASER, gone };
      // Releases their photos.
      const links = linksOf(before, row);
      return { row, to: row.audience, alias: 'expire', ...(links.length > 0 ? { links } : {}) };
    }),
  };
}

/** Who changed a record last that was erased: nobody. */
const ERASER = '~erased';
