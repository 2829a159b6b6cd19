import { DomainError, NotOnDevice, typeNamed, type PhoneDomain } from '../domain.ts';
import { enqueue } from '../enqueue.ts';
import type { Http } from '../http.ts';
import { keys, META } from '../keys.ts';
import { Lease } from '../lease.ts';
import type { Network, Timers } from '../network.ts';
import { pauseAfter } from '../pauses.ts';
import { readOne } from '../read.ts';
import type { ByteStore, Store, StoreTx } from '../store.ts';
import { underLease, type EndedEarly } from '../under-lease.ts';
import { bytesOf, platformSha256, typeOf, type Bytes, type PhotoContent } from './content.ts';
import { forward, settle, type PhotoSession } from './forward.ts';
import { photoRow, photoRows, putPhoto, type PhotoRow } from './rows.ts';
import { platformSend } from './send.ts';

export type PhotoOptions = {
  /** Asked before each photo is sent: `() => isWifi`, for those who pay by the megabyte. Call `wake()` when it changes. */
  maySend?: () => boolean;
  /** Where bytes wait, instead of the store: files of the app. */
  files?: ByteStore;
  /** Hexadecimal SHA-256. Default: `crypto.subtle`; on React Native one of expo-crypto. */
  sha256?: (bytes: Bytes) => Promise<string>;
};

export type AttachOptions = {
  /** The record's type and field, where the domain has several that hold attachments. */
  type?: string;
  field?: string;
  /** Default: the Blob's own, else by how the bytes begin. */
  contentType?: string;
};

/** A photo that is on its way, or was refused. One that is `ready` is in its record alone. */
export type WaitingPhoto = Pick<PhotoRow, 'id' | 'type' | 'entityId' | 'contentType' | 'size' | 'at' | 'attachmentId' | 'reason'> & {
  state: 'waiting' | 'sent' | 'refused';
  /** Bytes that are out; all of them once it is `sent`. */
  sent: number;
};

/** How a run ended: all that could be done was, or something must be tried again. `awaited`: the server has yet to say `ready`. */
export type PhotosEnd = { ok: true; awaited: boolean } | EndedEarly;

type Surroundings = {
  store: Store;
  http: Http;
  domain: PhoneDomain;
  network: Network;
  timers: Timers;
  timeoutMs: number;
  random: () => number;
  now: () => number;
  uuid: () => string;
  auto: boolean;
  options: PhotoOptions;
  transact: <T>(body: (tx: StoreTx) => Promise<T>) => Promise<T>;
  refused: (row: PhotoRow) => void;
  changed: () => void;
  /** Only how much of a photo is out has changed. */
  passed: () => void;
  /** An action was put into the outbox. */
  edited: () => void;
};

/**
 * Photos on their way to the server, apart from the outbox: a large one never keeps an action waiting. Each waits in the
 * store until it is there, over kills, links that ran out, and networks that come and go.
 */
export class PhotoQueue {
  readonly #around: Surroundings;
  readonly #lease: Lease;
  readonly #sent = new Map<string, number>();
  #running: Promise<PhotosEnd> | undefined;
  #again = false;
  #failures = 0;
  #asks = 0;
  #cancel: (() => void) | undefined;
  #stopped = false;

  constructor(around: Surroundings) {
    this.#around = around;
    this.#lease = new Lease(around.store, around.uuid(), around.now, META.photoLease);
  }

  /** Durable when it resolves. The record shows the photo once the server has named it; until then `list` has it. */
  async attach(entityId: string, content: PhotoContent, options: AttachOptions = {}): Promise<WaitingPhoto> {
    const { transact, domain, uuid, now, options: { sha256 = platformSha256 } } = this.#around;
    const { type, field } = placeOf(domain, options);
    const bytes = await bytesOf(content);
    const contentType = options.contentType ?? ('type' in content && content.type !== '' ? content.type : typeOf(bytes));
    if (contentType === undefined) throw new DomainError('This is no picture of a known type; say which with `contentType`.');
    const row: PhotoRow = { id: uuid(), type, entityId, field, contentType, size: bytes.length, sha256: await sha256(bytes), at: now(), state: 'new' };
    await transact(async (tx) => {
      if (!(await readOne(tx, domain, type, entityId))) throw new NotOnDevice(type, entityId);
      await putPhoto(tx, row);
    });
    await this.#bytes.put(row.id, bytes);
    await transact((tx) => putPhoto(tx, { ...row, state: 'waiting' }));
    this.#around.changed();
    this.wake();
    return this.#shown({ ...row, state: 'waiting' });
  }

  async list(tx: StoreTx, entityId?: string): Promise<WaitingPhoto[]> {
    const rows = (await photoRows(tx)).filter((row) => row.state !== 'new' && (entityId === undefined || row.entityId === entityId));
    return rows.map((row) => this.#shown(row));
  }

  /** The bytes of one that is listed, to show it. */
  async bytes(id: string): Promise<Bytes | undefined> {
    return this.#bytes.get(id);
  }

  /** Takes one back: out of the queue and, if its record names it, out of the record. */
  async dismiss(id: string): Promise<void> {
    const { transact, domain, uuid, now } = this.#around;
    await this.#bytes.delete(id);
    const edited = await transact(async (tx) => {
      const row = await photoRow(tx, id);
      if (!row) return undefined;
      await tx.delete(keys.photo(id));
      if (!row.named || !(await readOne(tx, domain, row.type, row.entityId))) return undefined;
      const data = { [row.field]: { $remove: [row.attachmentId ?? ''] } };
      return enqueue(tx, domain, { op: 'update', type: row.type, entityId: row.entityId, data, options: {} }, { clientId: uuid(), at: now() });
    });
    this.#around.changed();
    if (edited) this.#around.edited();
  }

  /** Sends a refused one again, as a new one. */
  async retry(id: string): Promise<void> {
    const row = await this.#around.transact((tx) => photoRow(tx, id));
    const bytes = await this.#bytes.get(id);
    if (row?.state !== 'refused' || !bytes) return;
    await this.attach(row.entityId, bytes, row);
    await this.dismiss(id);
  }

  /** Forgets all, with their bytes. */
  async wipe(): Promise<void> {
    const { options: { files }, store } = this.#around;
    const bytes = files ?? store.bytes;
    for (const name of (await bytes?.names()) ?? []) await bytes?.delete(name);
    this.#sent.clear();
  }

  /** A run that begins now; resolves when it ended. */
  async run(): Promise<PhotosEnd> {
    this.#again = this.#running !== undefined;
    return (this.#running ??= this.#runs().finally(() => (this.#running = undefined)));
  }

  /** Something may go on: a network, a new photo, a cycle that ended. */
  wake(): void {
    if (!this.#around.auto || this.#stopped) return;
    this.#failures = 0;
    this.run().catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.#running?.catch(() => undefined);
  }

  async #runs(): Promise<PhotosEnd> {
    let end: PhotosEnd;
    do {
      this.#again = false;
      end = await this.#once();
    } while (this.#again && end.ok && !this.#stopped);
    this.#plan(end);
    return end;
  }

  async #once(): Promise<PhotosEnd> {
    const { transact, timers } = this.#around;
    this.#cancel?.();
    if ((await transact(photoRows)).every(({ state }) => state === 'refused')) return { ok: true, awaited: false };
    return underLease(this.#lease, timers, 'Another tab or task sends photos.', async () => {
      const session = this.#session();
      await this.#forgetHalfWritten();
      for (const row of (await transact(photoRows)).filter(({ state }) => state === 'waiting')) await forward(session, row);
      await settle(session);
      return { ok: true, awaited: (await transact(photoRows)).some(({ state }) => state === 'sent') };
    });
  }

  /** `attach` was killed before it was durable: whoever called it has not been told that it is. */
  async #forgetHalfWritten(): Promise<void> {
    const { transact, now } = this.#around;
    const old = (await transact(photoRows)).filter(({ state, at }) => state === 'new' && now() - at > HALF_WRITTEN_MS);
    for (const { id } of old) {
      await this.#bytes.delete(id);
      await transact((tx) => tx.delete(keys.photo(id)));
    }
  }

  #plan(end: PhotosEnd): void {
    if (!this.#around.auto || this.#stopped) return;
    const { timers, random, edited } = this.#around;
    this.#failures = end.ok ? 0 : this.#failures + 1;
    this.#asks = end.ok && end.awaited ? this.#asks + 1 : 0;
    if (end.ok && !end.awaited) return;
    // What became of a photo comes with a download: a cycle, whose end looks here again.
    const pause = pauseAfter(end.ok ? { ok: true, queued: true } : end, this.#failures - 1, this.#asks - 1, 0, random());
    if (pause !== undefined) this.#cancel = timers.set(pause, () => (end.ok ? edited() : void this.run().catch(() => undefined)));
  }

  #session(): PhotoSession {
    const { http, domain, network, timeoutMs, now, uuid, options, refused, changed, passed, edited } = this.#around;
    return {
      http, lease: this.#lease, domain, bytes: this.#bytes, send: platformSend(network), timeoutMs, now, uuid, refused, changed,
      maySend: () => options.maySend?.() !== false && !this.#stopped,
      named: edited,
      progress: (id, sent) => {
        this.#sent.set(id, sent);
        passed();
      },
    };
  }

  get #bytes(): ByteStore {
    const bytes = this.#around.options.files ?? this.#around.store.bytes;
    if (!bytes) throw new DomainError('This store keeps no bytes: give `photos.files`.');
    return bytes;
  }

  #shown({ id, type, entityId, contentType, size, at, attachmentId, reason, state }: PhotoRow): WaitingPhoto {
    return {
      id, type, entityId, contentType, size, at,
      ...(attachmentId === undefined ? {} : { attachmentId }),
      ...(reason === undefined ? {} : { reason }),
      state: state === 'new' ? 'waiting' : state,
      sent: state === 'sent' ? size : (this.#sent.get(id) ?? 0),
    };
  }
}

const HALF_WRITTEN_MS = 3600_000;

/** The one field of the domain that holds attachments, or the one that is meant. */
function placeOf(domain: PhoneDomain, { type, field }: AttachOptions): { type: string; field: string } {
  const places = Object.keys(domain.types).flatMap((name) =>
    Object.entries(typeNamed(domain, name).fields).flatMap(([key, spec]) => (spec.attachments ? [{ type: name, field: key }] : [])));
  const fitting = places.filter((place) => (type ?? place.type) === place.type && (field ?? place.field) === place.field);
  const [place, ...others] = fitting;
  if (!place || others.length > 0) throw new DomainError(place ? 'Several fields hold attachments: say which.' : 'No such field of the domain holds attachments.');
  return place;
}
