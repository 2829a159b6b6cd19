import type { Head } from '../engine/cursor.ts';
import type { AcceptedAction, Attachment, AttachmentState, AudienceNote, Claims, Commit, ConflictRow, DoneAction, EntityRow, Scope } from '../engine/model.ts';
import type { AliasRow, LinkRow, PointerRow } from '../engine/views.ts';

/*
 * What the use cases need from the world. Every method may throw `Trouble`; then its effect may have happened or not.
 * "Strong": sees every write that was answered before the call. Anything else may be stale.
 */

/** The logs (design 1). */
export type ScopeLog = {
  /** Strong. A scope without a head has `NEW_HEAD`. */
  head(scope: Scope): Promise<Head>;
  /**
   * Commits with `after` < n ≤ `upTo` in order of n, at most `limit` and at most what one read gives (about 1 MB).
   * `end`: nothing was left out within the range. Not strong unless asked.
   */
  read(scope: Scope, after: number, upTo: number, options: { strong: boolean; limit?: number }): Promise<{ commits: Commit[]; end: boolean }>;
  /** The only moment at which anything happens: puts commit n if there is none. `taken`: nothing was written. */
  put(commit: Commit): Promise<'put' | 'taken'>;
  /** Moves `applied` forward; never back. Creates the head if there is none. */
  advance(scope: Scope, applied: number, appliedAt: number, epoch: number): Promise<void>;
  /** Begins an epoch: `start` − 1 becomes `applied`, if head is still as read. False: it was not; nothing written. */
  startEpoch(scope: Scope, read: Head, epoch: number, start: number): Promise<boolean>;
  /** All scopes that have a head. For recovery and verification, not for requests. */
  heads(): AsyncIterable<{ scope: Scope; head: Head }>;
};

/** Current records and aliases: views of the logs. */
export type EntityStore = {
  /** Strong. Rows that exist, by `${scope}\n${key}` (`recordKey`). */
  get(keys: readonly { scope: Scope; key: string }[]): Promise<Map<string, EntityRow>>;
  /** Puts the row if there is none or one of a lower `n`; else does nothing. Rows that are not live get an expiry. */
  put(row: EntityRow): Promise<void>;
  /** Same rule. An alias that is not live gets an expiry; till then it leads to the tombstone, or to what says that the record left. */
  putAlias(alias: AliasRow): Promise<void>;
  /** Strong. Key of the record with this server id in this scope. */
  alias(scope: Scope, serverId: number): Promise<string | undefined>;
  /** Strong. The rows of this id in the scope: its own record and copies from other homes. */
  find(scope: Scope, type: string, entityId: string): Promise<EntityRow[]>;
  /** Strong. Rows of one type in key order after `after` ('' = from the start), at most `limit`. `next`: the last key read, if there may be more. */
  page(scope: Scope, type: string, after: string, limit: number): Promise<{ rows: EntityRow[]; next?: string }>;
  /** Takes a block of numbers from the counter, for ever: returns its first. Counts from 1. */
  takeServerIds(count: number): Promise<number>;
};

/** Outcomes: a view of the logs. */
export type ActionLog = {
  /**
   * Strong. Rows that exist, by `actionKey(user, clientId)`. `likely`: most of them do; then it costs half, for a row
   * never changes, and one that a weak read finds is the row.
   */
  get(keys: readonly { user: string; clientId: string }[], options?: { likely: boolean }): Promise<Map<string, DoneAction>>;
  /** Puts the row if there is none; else does nothing. */
  put(row: DoneAction): Promise<void>;
  /** Rows of a user by client_id after `after`. */
  list(user: string, after: string, limit: number): Promise<{ rows: DoneAction[]; next?: string }>;
};

/** Conflicts and their pointers: views of the logs. */
export type ConflictStore = {
  /** Strong. Rows that exist, by `actionKey(user, id)`. */
  get(keys: readonly { user: string; id: string }[]): Promise<Map<string, ConflictRow>>;
  /** Strong. User whose conflict this is: for admins, who know only its id. */
  owner(id: string): Promise<string | undefined>;
  /** Puts the row if there is none or one of a lower `n`. */
  put(row: ConflictRow): Promise<void>;
  putPointer(pointer: PointerRow): Promise<void>;
  /** Strong. Where the pointer leads, open or not. */
  pointer(user: string, key: string): Promise<PointerRow | undefined>;
  /** Strong. Open conflicts of a device. */
  countOpen(user: string, device: string): Promise<number>;
  /** Conflicts of a user by id after `after`. Strong. */
  list(user: string, after: string, limit: number): Promise<{ rows: ConflictRow[]; next?: string }>;
  /** Open conflicts of all users, by time of detection. An index: lags. */
  listOpen(after: string, limit: number): Promise<{ keys: { user: string; id: string }[]; next?: string }>;
};

/** Whose queue a batch stands in. Resolutions stand under the device `~resolve`, what the server tells of attachments under `~photo`. */
export type Owner = { user: string; device: string };

/** The small part of a batch, all that upload, status and waiting read. */
export type BatchHeader = {
  owner: Owner;
  /** Sorts by upload number: `<upload number, 15 digits>-<batch, 3 digits>`. */
  batchId: string;
  scope: Scope;
  claims: Claims;
  acceptedAt: number;
  actions: {
    clientId: string;
    hash: string;
    actionType: string;
    entityType: string;
    /** `globalKey` of the record; none for a refusal. */
    record?: string;
    order: number;
  }[];
  state: 'pending' | 'dead';
  /** Tries that ended in an unknown error. From the first on, the batch is worked one action per commit. */
  attempts: number;
  /** Tries since then that were begun and did not say how they ended. */
  trying: number;
  lastError?: string;
  /** Why and when it died, or was last redriven, ms. */
  changedAt: number;
  /** Times sent, and when the sweeper sends it again, ms. */
  sends: number;
  dueAt: number;
  redriven?: { by: Claims; at: number };
  /** An admin gave it up: its actions end as `rejected: discarded`. */
  discard?: true;
};

/** What may change of a header. `null` removes. */
export type HeaderChange = Partial<Pick<BatchHeader, 'state' | 'attempts' | 'trying' | 'changedAt' | 'sends' | 'dueAt'>> & {
  [K in 'lastError' | 'redriven' | 'discard']?: NonNullable<BatchHeader[K]> | null;
};

/** An audience message that ended in the dead letters: waits here and is sent again until a worker took it. */
export type ParkedNote = { id: string; note: AudienceNote; sends: number; dueAt: number };

/** What waits for a worker, and what no worker could do (design 3, `upload_inbox`). */
export type Inbox = {
  /** Stores payload, then header, or both at once: a header is never without its payload. Durable when it returns (P1). */
  put(header: BatchHeader, payload: readonly AcceptedAction[]): Promise<void>;
  /** Strong, in order of batch id. */
  headers(owner: Owner): Promise<BatchHeader[]>;
  /** Strong. */
  header(owner: Owner, batchId: string): Promise<BatchHeader | undefined>;
  /**
   * Payloads that exist, by batch id. Strong, but that of a small batch may be as it was when its header was read: it
   * never changes, and may have been removed since.
   */
  payloads(headers: readonly BatchHeader[]): Promise<Map<string, AcceptedAction[]>>;
  /** Changes a header if state, attempts and trying are as in `read`. False: they are not, nothing written. */
  change(read: BatchHeader, change: HeaderChange): Promise<boolean>;
  /** Removes payload, then header, or both at once. No condition. */
  remove(header: BatchHeader): Promise<void>;
  /** Parks a note (no change if it is there) / takes it away. */
  park(note: ParkedNote): Promise<void>;
  unpark(scope: Scope, id: string): Promise<void>;
  /** Conditional on `sends` as read; false: not so. */
  repark(read: ParkedNote, change: { sends: number; dueAt: number }): Promise<boolean>;
  /** Pending batches and notes whose `dueAt` ≤ `until`, oldest first. The index lags; the rows are read strongly. */
  due(until: number, limit: number): Promise<(BatchHeader | ParkedNote)[]>;
  /** Batches of all users in one state by `dueAt`, for admins. The index lags. */
  list(state: 'pending' | 'dead', after: string, limit: number): Promise<{ rows: BatchHeader[]; next?: string }>;
};

/** The record that an attachment belongs to. */
export type Holder = Pick<EntityRow, 'home' | 'type' | 'entityId'>;

/** What is announced, and what becomes of it (design 3, `attachments`). Times in ms. */
export type AttachmentRow = Attachment & {
  clientId: string;
  contentType: string;
  /** Bytes. */
  size: number;
  /** SHA-256 in base64. */
  sha256: string;
  /** When it is given up unless a record names it by then. Missing from then on. */
  expiresAt?: number;
  /** The record behind `attachedTo`. */
  holder?: Holder;
  /** Number of the commit that last spoke of it, and how the record then showed it. */
  n?: number;
  told?: AttachmentState;
  /** The record does not name it any more, since then. */
  releasedAt?: number;
  /** Its object lies where nothing expires. */
  kept?: true;
  /** When it is looked at next, and how often it was looked for in vain. Missing: nothing to do. */
  dueAt?: number;
  looks: number;
};

/** Attachments, and who announced how much today (design 3, `attachments`). */
export type AttachmentStore = {
  /** Strong. Rows that exist, by id; what has expired may be among them. */
  get(ids: readonly string[]): Promise<Map<string, AttachmentRow>>;
  /** Counts one of that size for a user's day unless it goes beyond the limits. False: it would; nothing counted. */
  count(user: string, day: string, size: number): Promise<boolean>;
  /** Puts a new row if there is none, or one that had expired by `now`. False: there is one. */
  announce(row: AttachmentRow, now: number): Promise<boolean>;
  /** It may be sent until `dueAt`: looked for then. Only while `awaited`; an expiry that it has moves to `expiresAt`. */
  expect(id: string, until: { expiresAt: number; dueAt: number }): Promise<void>;
  /** The word of the check, if there was none yet. Gives the row as it then is, also if there was one. */
  settle(id: string, word: { state: AttachmentState; expiresAt: number; dueAt: number }): Promise<AttachmentRow | undefined>;
  /**
   * What a commit says of it (see `LinkRow`), unless a later one did or it belongs to another record. One that is named
   * never expires and is due at once; one that no longer is waits until `dueAt`. Gives the row as it then is.
   */
  link(link: Pick<LinkRow, 'id' | 'key' | 'n' | 'at' | 'live' | 'state'> & { row: Holder }, dueAt: number): Promise<AttachmentRow | undefined>;
  /** Its object was copied. */
  keep(id: string): Promise<void>;
  /** Refuses for good what was released, if no later commit names it. False: one does. */
  giveUp(read: AttachmentRow): Promise<boolean>;
  /** Looked at again then, or no more; if `dueAt` and `looks` are as read. */
  postpone(read: AttachmentRow, dueAt: number | undefined, looks: number): Promise<void>;
  remove(id: string): Promise<void>;
  /** Ids whose `dueAt` ≤ `until`, at most `limit`, oldest first. The index lags. */
  due(until: number, limit: number): Promise<string[]>;
};

/** Where an object lies: where phones put it, or where it stays. */
export type ObjectPlace = 'incoming' | 'photos';

export type SignedLink = { url: string; method: 'PUT' | 'GET'; headers: Record<string, string>; expiresAt: number };

/** The objects of attachments (S3). */
export type Objects = {
  /** A link to put just these bytes: their length, type and SHA-256 are part of its signature. */
  linkToPut(object: Pick<AttachmentRow, 'id' | 'contentType' | 'size' | 'sha256'>, seconds: number): Promise<SignedLink>;
  linkToGet(object: { place: ObjectPlace; id: string; contentType: string }, seconds: number): Promise<SignedLink>;
  /** What lies there, if anything. `sha256` in base64, as the store computed it. */
  look(place: ObjectPlace, id: string): Promise<{ size: number; contentType: string; sha256: string; at: number } | undefined>;
  /** Copies from `incoming` to `photos`. False: there is nothing to copy. */
  keep(id: string): Promise<boolean>;
  /** Removes what lies there, if anything. */
  remove(place: ObjectPlace, id: string): Promise<void>;
};

export type DeviceInfo = { platform?: string; os_version?: string; model?: string; app_version?: string };

/** What we know of a device (design 3, `client_sync_state`). Times in ms; 0: never. */
export type DeviceState = {
  user: string;
  device: string;
  lastUpload: number;
  lastDownload: number;
  /** Uploads and non-empty downloads. */
  syncVersion: number;
  /** Upload counter of the device. */
  uploads: number;
  info: DeviceInfo;
  /** Newest `sync_timestamp` that the device has presented, ms. */
  presented: number;
  /** Actions taken in the span of time that is numbered so. */
  intake: { span: number; actions: number };
  /** Bodies of uploads as they came; pages with changes, before compression. */
  bytesIn: number;
  bytesOut: number;
};

/** Room that an upload wants: for so many `actions`, if no more than `most` are taken in this span. `known`: the device as read. */
export type Intake = { actions: number; most: number; span: number; known: DeviceState | undefined };

/**
 * The cursors behind the last `sync_timestamp`s handed out. `missed`: the device came again without it, so its page was
 * lost. `revision`: for the conditional write; 0: no row.
 */
export type Remembered = { entries: { ts: number; cursor: string; missed?: true }[]; revision: number };

export type DeviceStore = {
  /** Strong. */
  get(user: string, device: string): Promise<DeviceState | undefined>;
  /** Devices of a user, by id after `after`. Strong. */
  list(user: string, after: string, limit: number): Promise<{ rows: DeviceState[]; next?: string }>;
  /** All devices, in no order, for admins. Lags. */
  listAll(after: string, limit: number): Promise<{ rows: DeviceState[]; next?: string }>;
  /** One atomic update: gives the device a place among the user's `most`, for ever. True: it has one. False: there is none left. */
  admit(user: string, device: string, most: number): Promise<boolean>;
  /**
   * One atomic update: counts the upload, notes time, info and what was presented (only grows). Returns the row after;
   * nothing, and nothing is written, if there is no room for its actions. Spans only grow.
   */
  countUpload(
    user: string,
    device: string,
    note: { at: number; info: DeviceInfo; presented: number; intake?: Intake; bytes?: number },
  ): Promise<DeviceState | undefined>;
  /** Notes a download; `counts`: it gave something. One that gave nothing makes no row of a device that has none. */
  noteDownload(user: string, device: string, note: { at: number; counts: boolean; presented: number; bytes?: number }): Promise<void>;
  /** Strong. */
  remembered(user: string, device: string): Promise<Remembered>;
  /** Replaces what is remembered if `revision` is as read. False: it is not; nothing written. */
  remember(user: string, device: string, read: Remembered, entries: Remembered['entries']): Promise<boolean>;
};

/**
 * What a day of use came to, in parts: each is added to by one source, in the order of its changes. The order up to
 * which a part has come is noted in the same write that adds, so that nothing counts twice.
 */
export type UsageStore = {
  /** Strong. */
  reached(day: string, part: string): Promise<string | undefined>;
  /** Adds counts if the part has still come as far as `reached` says, and is at `order` then. False: nothing was written. */
  add(day: string, part: string, change: { reached: string | undefined; order: string; counts: Record<string, number> }): Promise<boolean>;
  /** All parts together. */
  day(day: string): Promise<Record<string, number>>;
};

/** Bodies of queue messages: they only point to work. ASCII once encoded. */
export type Message =
  | { kind: 'batches'; scope: Scope; owner: Owner }
  | { kind: 'note'; note: AudienceNote; parked?: string };

/** A queue in which messages of one group are received in order, one receiver at a time (SQS FIFO). At least once. */
export type Queue = {
  /**
   * Sends all, in order; the group is the scope. `id` deduplicates for five minutes and is never reused for other
   * content. Throws `Trouble` if any was not accepted.
   */
  send(messages: readonly { id: string; message: Message }[]): Promise<void>;
  /** Makes a received message visible again after that many seconds. */
  delay(receipt: string, seconds: number): Promise<void>;
};

/** Verifies bearer tokens. */
export type Verifier = {
  /** Claims of a valid token. Throws `SyncError` `unauthorized`, `token_expired` or `forbidden` (role); `Trouble` if keys can't be had. */
  verify(token: string): Promise<Claims>;
};

/** Someone who is connected to `/live` (protocol.md, Live). */
export type Connection = {
  id: string;
  user: string;
  /** What its pokes may name: what its token grants. */
  scopes: readonly Scope[];
  /** ms. From `endsAt` on, whole seconds, its token grants nothing any more. */
  connectedAt: number;
  endsAt: number;
};

/** Who is connected. A row that was lost, or found too late, costs someone a poke and never a change. */
export type Connections = {
  /** Is found by all that follows when this returns. */
  add(connection: Connection): Promise<void>;
  /** Strong. */
  get(id: string): Promise<Connection | undefined>;
  /** Is found by nothing any more. No error if it is not there. */
  remove(connection: Connection): Promise<void>;
  /** Strong. All that listen to a scope. */
  listeners(scope: Scope): Promise<Pick<Connection, 'id' | 'endsAt'>[]>;
  /** Strong. A user's, oldest first. */
  ofUser(user: string): Promise<Pick<Connection, 'id' | 'connectedAt'>[]>;
  /** Ids of those that end within the minute that begins then (ms); some may be gone already. Not strong. */
  endingWithin(minute: number): Promise<Pick<Connection, 'id' | 'endsAt'>[]>;
};

/** The other ends of connections. */
export type Sockets = {
  /** `gone`: there is nobody any more. */
  send(id: string, text: string): Promise<'sent' | 'gone'>;
  /** Whether it was there or not. */
  close(id: string): Promise<void>;
};

/** Verifies the token of a connection, which must not outlive it. */
export type SessionVerifier = {
  /** Like `Verifier.verify`; `expiresAt`: the token's own `exp`, ms, without any tolerance. */
  session(token: string): Promise<{ claims: Claims; expiresAt: number }>;
};

export type Clock = {
  /** ms since 1970. */
  now(): number;
  sleep(ms: number): Promise<void>;
};

export type Ids = {
  uuid(): string;
  /** 0 ≤ x < 1. */
  random(): number;
  /** 128 bits of SHA-256 in base64url: 22 characters. */
  hash(text: string): string;
};

/** Structured log lines and metrics: never payloads, tokens or names. */
export type Report = {
  info(event: string, fields?: Record<string, string | number | boolean>): void;
  warn(event: string, fields?: Record<string, string | number | boolean>): void;
  /** Wakes someone: holes in logs, dead batches. */
  alarm(event: string, fields?: Record<string, string | number | boolean>): void;
  /** Adds to a sum. A name that ends in `_ms` or `_bytes` tells its unit. */
  count(metric: string, value?: number): void;
  /** One measurement of many, of which percentiles are asked. */
  measure(metric: string, value: number): void;
};

/**
 * A report for one invocation after the other: `begin` names the request, `by` its user in all lines that follow (by a
 * hash), `end` writes the metrics.
 */
export type InvocationReport = Report & { begin(requestId: string): void; by(userHash: string): void; end(): void };

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

/** Everything a use case may use. */
export type Ports = {
  log: ScopeLog;
  entities: EntityStore;
  actions: ActionLog;
  conflicts: ConflictStore;
  inbox: Inbox;
  devices: DeviceStore;
  attachments: AttachmentStore;
  usage: UsageStore;
  queue: Queue;
  clock: Clock;
  ids: Ids;
  report: Report;
};
