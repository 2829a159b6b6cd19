import type { ActionResult, Json, JsonObject, Refusal, WireAction, WireConflict, WireRecord, Strategy } from './wire.ts';

// What lies where in the store. Keys are ASCII whatever ids and scopes hold.

/** A downloaded record, as one scope shows it. `stale`: its scope starts afresh; shown until the new snapshot is whole. */
export type HeldRow = { record: WireRecord; stale?: true };

/**
 * An action in the outbox, in the user's order. `new` was never sent, `sent` has no answer, `queued` and `failed` are
 * the server's words; `done` has its outcome and is only shown until the download that contains it.
 */
export type OutboxRow = {
  seq: number;
  action: WireAction;
  op: 'create' | 'update' | 'upsert' | 'delete';
  entityId: string;
  /** The record's home where it is known; an own new record has none yet. */
  home?: string;
  /** When the user did it, ms. */
  at: number;
  state: 'new' | 'sent' | 'queued' | 'failed' | 'done';
  /** Of `done`: the download that contains this version of the home has it. */
  version?: number;
  serverId?: number;
  /** Of `failed`. */
  reason?: string;
};

/** An action that was refused for good, kept with its data until the app dismisses or corrects it. */
export type RejectedAction = { action: WireAction; op: OutboxRow['op']; entityId: string; error: Refusal; at: number };

/** What the user decided about a conflict, waiting to be sent. */
export type DecisionRow = { conflictId: string; strategy: Strategy; data?: JsonObject; serverVersion: number; at: number };

/** A conflict as the server told it. `fault`: why the last decision was not taken. */
export type ConflictRow = { conflict: WireConflict; fault?: Refusal };

export const PREFIX = { records: 'r/', outbox: 'o/', rejected: 'x/', conflicts: 'c/', decisions: 'd/', photos: 'p/', all: '' } as const;

export const META = {
  layout: 'm/layout',
  seq: 'm/seq',
  cursor: 'm/cursor',
  scopes: 'm/scopes',
  complete: 'm/complete',
  lastSync: 'm/last-sync',
  lease: 'm/lease',
  photoLease: 'm/photo-lease',
  user: 'm/user',
} as const;

const part = encodeURIComponent;

export const keys = {
  typeRecords: (type: string) => `${PREFIX.records}${part(type)}/`,
  entityRecords: (type: string, entityId: string) => `${PREFIX.records}${part(type)}/${part(entityId)}/`,
  record: ({ type, entity_id, scope, home }: Pick<WireRecord, 'type' | 'entity_id' | 'scope' | 'home'>) =>
    `${PREFIX.records}${part(type)}/${part(entity_id)}/${part(scope)}/${part(home)}`,
  outbox: (seq: number) => `${PREFIX.outbox}${String(seq).padStart(12, '0')}`,
  rejected: (clientId: string) => `${PREFIX.rejected}${clientId}`,
  conflict: (id: string) => `${PREFIX.conflicts}${id}`,
  decision: (id: string) => `${PREFIX.decisions}${id}`,
  photo: (id: string) => `${PREFIX.photos}${id}`,
} as const;

/** Rows are JSON by construction; the store neither knows nor minds their types. */
export function asJson(row: HeldRow | OutboxRow | RejectedAction | DecisionRow | ConflictRow): Json {
  return row as Json;
}

/** Is it the last word on an action (protocol.md, upload)? */
export function isFinal({ status }: ActionResult): boolean {
  return status === 'success' || status === 'conflict' || status === 'rejected';
}
