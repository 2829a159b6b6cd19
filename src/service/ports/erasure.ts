import type { Commit, ConflictRow, EntityRow, Scope } from '../../engine/model.ts';

/**
 * Takes away, or empties, what is stored already. Only for erasing a person: everything else only ever adds. Each is
 * harmless to repeat.
 */
export type Erasure = {
  /** Replaces a commit under its number and times; the rest of the log never notices. */
  rewrite(commit: Commit): Promise<void>;
  /** Replaces a row that still is of the same commit. */
  replace(row: EntityRow): Promise<void>;
  removeOutcome(user: string, clientId: string): Promise<void>;
  /** With its pointer, and the note whose it is. */
  removeConflict(conflict: ConflictRow): Promise<void>;
  /** Conflicts of anybody about records of this home. Reads the whole table. */
  conflictsAbout(home: Scope): AsyncIterable<ConflictRow>;
  /** With its cursors, and the places of all the user's devices. */
  removeDevice(user: string, device: string): Promise<void>;
};
