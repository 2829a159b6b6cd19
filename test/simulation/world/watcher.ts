import type { Head } from '../../../src/engine/cursor.ts';
import type { AcceptedAction, Commit, Scope } from '../../../src/engine/model.ts';
import type { AttachmentRow } from '../../../src/service/ports/attachment-store.ts';
import type { BatchHeader, HeaderChange, Owner } from '../../../src/service/ports/inbox.ts';
import type { ObjectPlace } from '../../../src/service/ports/objects.ts';
import type { Message } from '../../../src/service/ports/queue.ts';
import type { Task } from '../core/task.ts';

/** Sees every effect on the world, at its moment. What it finds wrong it tells the world, which then stops. */
export type Watcher = Partial<{
  committed(commit: Commit, task: Task): void;
  /** `applied` of a scope moved. */
  advanced(scope: Scope, from: number, to: number, task: Task): void | Promise<void>;
  /** A new epoch of a scope began; `head`: the old one's, as it was. */
  epochBegan(scope: Scope, head: Head): void;
  sent(message: Message): void;
  stored(header: BatchHeader, payload: readonly AcceptedAction[], task: Task): void;
  /** A header changed; `read`: as it was before. */
  changed(read: BatchHeader, change: HeaderChange): void;
  removing(owner: Owner, batchId: string): void | Promise<void>;
  /** A photo got a new row. */
  announced(row: AttachmentRow): void;
  /** It is awaited anew. */
  expected(id: string): void;
  /** An object came below `incoming/`. */
  arrived(id: string, bytes: Uint8Array, contentType: string): void;
  /** What was released is refused for good, and is going to be removed. */
  gaveUp(id: string): void;
  removedObject(place: ObjectPlace, id: string): void;
  /** Its row was removed. */
  forgotten(id: string): void;
  alarmed(event: string, fields: Record<string, string | number | boolean>): void;
}>;
