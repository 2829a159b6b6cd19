import type { AcceptedAction, AudienceNote, Claims, Scope } from '../../engine/model.ts';

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

/**
 * An audience message that ended in the dead letters, or that a worker is at: waits here and is sent again until a worker
 * that holds it has done what it says.
 */
export type ParkedNote = { id: string; note: AudienceNote; sends: number; dueAt: number; holder?: string };

/** What waits for a worker, and what no worker could do (design 3, `upload_inbox`). */
export type Inbox = {
  /** Stores payload, then header, or both at once: a header is never without its payload. Durable when it returns (P1). */
  put(header: BatchHeader, payload: readonly AcceptedAction[]): Promise<void>;
  /** Strong, in order of batch id. A batch is never shown without one that was put before it and has a lower id (P3). */
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
  /** Parks a note; no change if it is there. */
  park(note: ParkedNote): Promise<void>;
  /** Parks it for its holder, in place of what is there. */
  hold(note: ParkedNote & { holder: string }): Promise<void>;
  /** Takes it away if this holder was the last; else somebody else is at it, and it stays. */
  unpark(scope: Scope, id: string, holder: string): Promise<void>;
  /** Conditional on `sends` as read; false: not so. */
  repark(read: ParkedNote, change: { sends: number; dueAt: number }): Promise<boolean>;
  /**
   * Pending batches and notes whose `dueAt` ≤ `until`, oldest first. The index lags; the rows are read strongly. Rows that
   * this version can't read are left out and counted: a newer one wrote them, and they must not keep others waiting (P11).
   */
  due(until: number, limit: number): Promise<{ rows: (BatchHeader | ParkedNote)[]; unreadable: number }>;
  /** Batches of all users in one state by `dueAt`, for admins, but for unreadable ones. The index lags. */
  list(state: 'pending' | 'dead', after: string, limit: number): Promise<{ rows: BatchHeader[]; next?: string }>;
};
