import type { FieldError, RejectionCode } from '../protocol/error-codes.ts';
import type { JsonObject } from '../protocol/json.ts';
import type { ConflictKind, Resolution, Strategy } from '../protocol/primitives.ts';

/** `user:<sub>` or `department:<slug>`: a set of records that is shared as a whole (design 1). */
export type Scope = string;

/** Who last changed something, where in the log, and when (design 2). */
export type Stamp = {
  /** Commit number in the home scope. */
  n: number;
  /** Time of that commit, ms. */
  at: number;
  sub: string;
  device: string;
  /** Upload order: grows along one device's own line of work. */
  order: number;
  /** Action time, ms, clamped to the time of acceptance. */
  time: number;
};

/** `awaited`: announced, and not seen yet; `ready`: arrived and checked; `refused`: never will be. */
export type AttachmentState = 'awaited' | 'ready' | 'refused';

/** What the engine knows of an attachment. */
export type Attachment = {
  id: string;
  /** Who announced it: nobody else may add it to a record. */
  user: string;
  state: AttachmentState;
  /** `globalKey` of the one record that it belongs to, from the first commit that names it. */
  attachedTo?: string;
};

/** The last change of a field, and the last one by another device than that. */
export type FieldStamps = { last: Stamp; other?: Stamp };

/** A record as one scope holds it: the home (with stamps) or an audience copy (without). */
export type EntityRow = {
  scope: Scope;
  home: Scope;
  type: string;
  entityId: string;
  serverId: number;
  /** Number of the home commit that last changed the record. */
  version: number;
  /** Number of the commit of *this* scope that last wrote this row; equals `version` at home. */
  n: number;
  state: 'live' | 'deleted' | 'left';
  /** The fields; of a tombstone: the last image. */
  fields: JsonObject;
  createdAt: number;
  createdBy: string;
  updatedAt: number;
  updatedBy: string;
  /** Of each attachment that the record names: may it be seen? Server-owned; missing where none is named. */
  attachments?: Record<string, AttachmentState>;
  /** Home only: scopes that get a copy now. */
  audience: Scope[];
  /** Home only: stands for every field without a stamp of its own. */
  created?: Stamp;
  /** Home only. */
  stamps?: Record<string, FieldStamps>;
  /** Home tombstones only: the delete. */
  gone?: Stamp;
};

/** The claims of a verified token that rights depend on. Kept with the batch: rights are judged as of acceptance. */
export type Claims = { sub: string; role: 'citizen' | 'officer' | 'admin'; departments: string[] };

/** Who acts: the claims, and the scopes that they grant. */
export type Actor = Claims & { scopes: Scope[] };

/** A refusal decided at acceptance; `noop`: a delete of what is gone, unknown or not visible. */
export type Refusal = { code: RejectionCode; errors?: FieldError[] } | { code: 'noop' };

/** A decision on an open conflict (design 4, Resolve). */
export type Decision = {
  conflictId: string;
  /** Owner of the conflict, which may be another than the caller (admins). */
  conflictUser: string;
  strategy: Strategy;
  resolvedData?: JsonObject;
  serverVersion?: number;
};

/** An action as it was accepted: what the inbox stores and the engine plans. */
export type AcceptedAction = {
  clientId: string;
  actionType: string;
  entityType: string;
  /** Canonical: as its creator chose it; server ids were resolved at acceptance. */
  entityId?: string;
  data?: JsonObject;
  base?: JsonObject;
  baseVersion?: number;
  /** Version up to which a remembered `sync_timestamp` proves knowledge of the record. */
  baseKnown?: number;
  /** Base time, ms: covers what was committed over two minutes before it, … */
  baseTime?: number;
  /** … but nothing above this version. */
  baseCap?: number;
  /** Action time, ms, clamped. */
  time: number;
  strategy?: Strategy;
  schemaVersion?: number;
  /** Hash of action and entity type, entity id and data. */
  hash: string;
  order: number;
  /** The action before it on its record in the same upload, of which the batch need not tell. */
  after?: string;
  refusal?: Refusal;
  decision?: Decision;
  /** What became of an attachment that the record names: sent by the server itself (design 4, Photos). */
  attachment?: { id: string; state: AttachmentState };
};

/** What surrounds an action when it is planned. */
export type Acceptance = {
  actor: Actor;
  device: string;
  acceptedAt: number;
  /** Tries before this one that ended in trouble. */
  retries: number;
  /** Set when it came back from the dead: it may not win by itself (design 4, Dead letters). */
  redrivenBy?: Actor;
  /** An admin gave it up. */
  discard?: true;
};

/** The final word on an action (design 2), as the log keeps it. */
export type Outcome = {
  user: string;
  device: string;
  clientId: string;
  hash: string;
  order: number;
  /** Its place in the device's order, where that is behind what `order` says (`placeOf`). */
  place?: number;
  actionType: string;
  entityType: string;
  acceptedAt: number;
  time: number;
  retries: number;
  status: 'success' | 'conflict' | 'rejected';
  entityId?: string;
  home?: Scope;
  serverId?: number;
  version?: number;
  merged?: true;
  conflictId?: string;
  resolution?: Resolution;
  /** Of a rejection; of a resolution that did not apply: `conflict_changed`, `already_resolved`. */
  code?: RejectionCode | 'conflict_changed' | 'already_resolved';
  errors?: FieldError[];
};

/** An outcome with the place of its commit: the row of the action log. */
export type DoneAction = Outcome & { scope: Scope; n: number; at: number };

/** A conflict as stored; a view of the home scope's log. Keeps only the touched fields. */
export type ConflictRow = {
  id: string;
  user: string;
  device: string;
  kind: ConflictKind;
  type: string;
  entityId: string;
  serverId: number;
  home: Scope;
  clientId: string;
  clientIds: string[];
  baseVersion: number | null;
  /** Version of the record when the conflict was detected or last refreshed. */
  serverVersion: number;
  fields: string[];
  /** Fields of a `manual` action that do not overlap but wait for the decision with it. */
  held: string[];
  base: JsonObject | null;
  client: JsonObject | null;
  server: JsonObject | null;
  serverDeleted: boolean;
  status: 'unresolved' | 'resolved';
  strategy: Strategy | null;
  resolvedData: JsonObject | null;
  resolvedBy: string | null;
  resolvedAt: number | null;
  detectedAt: number;
  /** Grows with every join, refresh and resolution. */
  revision: number;
  /** Action time of the newest joined action, ms: `latest` needs it when a person asks for `merge`. */
  time: number;
  /** Commit of the home scope that wrote this row. */
  n: number;
};

/** A record names this attachment and shows it so; `live` false: it does no longer. */
export type AttachmentLink = { id: string; live: boolean; state: AttachmentState };

/** One record's change in a commit. */
export type Change = {
  row: EntityRow;
  /** Union of the audiences before and after: all of them are told on redo. */
  to: Scope[];
  /** The alias row `server_id` → key is put when a record enters the scope and expires when it leaves or dies. */
  alias?: 'put' | 'expire';
  /** Home only: attachments that the record now names, shows otherwise, or no longer names. */
  links?: AttachmentLink[];
};

/** Entry n of a scope's log (design 1). */
export type Commit = {
  scope: Scope;
  n: number;
  at: number;
  /** Time of the predecessor, ms (0 for the first): tells expiry from a hole. */
  prevAt: number;
  changes: Change[];
  outcomes: Outcome[];
  conflicts: ConflictRow[];
};

/** "Look at these records of `home` again": what an audience is told of a home commit. */
export type AudienceNote = { scope: Scope; home: Scope; n: number; records: { type: string; entityId: string }[] };
