import type { CycleEnd } from './cycle.ts';
import { decide, openConflicts, type Decision, type OpenConflict } from './decisions.ts';
import { enqueue, type Edit, type EditOptions, type Mark } from './enqueue.ts';
import type { EventOf, SyncEventType } from './events.ts';
import { keys, META, PREFIX, type OutboxRow, type RejectedAction } from './keys.ts';
import { startMachinery } from './machinery.ts';
import type { SyncOptions } from './options.ts';
import { correct, retryFailed } from './outbox.ts';
import type { SyncRecord } from './overlay.ts';
import type { PhotoContent } from './photos/content.ts';
import type { AttachOptions, PhotosEnd, WaitingPhoto } from './photos/queue.ts';
import type { Query } from './query.ts';
import { readList, readOne } from './read.ts';
import { outboxRows, rejectedActions } from './rows.ts';
import type { SyncStatusReport } from './status.ts';
import type { JsonObject } from './wire.ts';

/** Stops a watch. */
export type Stop = () => void;

/** An action as it waits: for lists like "3 changes are not sent yet". */
export type WaitingAction = Pick<OutboxRow, 'action' | 'op' | 'entityId' | 'at' | 'state' | 'reason'>;

export type Sync = ReturnType<typeof createSync>;

/**
 * The phone's side of Fieldsync: a local database that syncs itself. Every read and every edit is answered from the store,
 * with or without a network. An edit is durable when its promise resolves; it is sent, and sent again, until the server's
 * final word on it is here.
 *
 * Opens the store and starts at once. If the store can't be opened (`StoreTooNew`), every call rejects with that reason.
 */
export function createSync(options: SyncOptions) {
  const { domain } = options;
  const { now, uuid, events, live, http, photos, loop, transact, changed, edited, wake, startAfresh, statusNow, close } = startMachinery(options);

  async function edit(change: Edit): Promise<SyncRecord | undefined> {
    typeCheckedData(change.data);
    const mark: Mark = { clientId: uuid(), at: now() };
    const { row, record } = await transact(async (tx) => {
      const row = await enqueue(tx, domain, change, mark);
      const record = await readOne(tx, domain, change.type, change.entityId ?? row?.entityId, change.options.home);
      return { row, record };
    });
    if (row) edited();
    return record;
  }

  return {
    /** Adds a record and resolves to it as it is shown from now on. `entityId` is a new UUID unless it is given. */
    async create<Fields extends object = JsonObject>(
      type: string, data: Fields, more: EditOptions & { entityId?: string } = {},
    ): Promise<SyncRecord<Fields>> {
      const { entityId = uuid(), ...rest } = more;
      const created = await edit({ op: 'create', type, entityId, data: data as JsonObject, options: rest });
      return created as SyncRecord<Fields>;
    },

    /**
     * Changes some fields: a missing one stays, `null` clears, counters take `{$inc}`, sets `{$add}` and `{$remove}`.
     * Throws `NotOnDevice` if it is not here. `entityId` may be missing for a singleton type, which is made on first use.
     */
    async update<Fields extends object = JsonObject>(
      type: string, entityId: string | undefined, data: JsonObject, more: EditOptions = {},
    ): Promise<SyncRecord<Fields>> {
      return (await edit({ op: 'update', type, entityId, data, options: more })) as SyncRecord<Fields>;
    },

    /** Deletes a record. One that is not here (any more) is no error. */
    async delete(type: string, entityId: string, more: EditOptions = {}): Promise<void> {
      await edit({ op: 'delete', type, entityId, data: {}, options: more });
    },

    /** The record as the user sees it, or nothing. Of several with that id: one's own, or the one of that `home`. */
    async get<Fields extends object = JsonObject>(type: string, entityId?: string, home?: string): Promise<SyncRecord<Fields> | undefined> {
      return (await transact((tx) => readOne(tx, domain, type, entityId, home))) as SyncRecord<Fields> | undefined;
    },

    async list<Fields extends object = JsonObject>(type: string, query: Query = {}): Promise<SyncRecord<Fields>[]> {
      return (await transact((tx) => readList(tx, domain, type, query))) as SyncRecord<Fields>[];
    },

    /** Tells the result at once and after every change of it, whoever made it. */
    watch<Fields extends object = JsonObject>(type: string, query: Query, listener: (records: SyncRecord<Fields>[]) => void): Stop {
      return live.watch(
        () => transact((tx) => readList(tx, domain, type, query)),
        (records) => listener(records as SyncRecord<Fields>[]),
      );
    },

    /** The same for one record; nothing while there is none. */
    watchOne<Fields extends object = JsonObject>(
      type: string, entityId: string | undefined, listener: (record: SyncRecord<Fields> | null) => void,
    ): Stop {
      return live.watch(
        async () => (await transact((tx) => readOne(tx, domain, type, entityId))) ?? null,
        (record) => listener(record as SyncRecord<Fields> | null),
      );
    },

    /**
     * Adds a photo to a record, also offline: durable when it resolves, and sent by itself, however often the app is killed
     * meanwhile. `type` and `field` are needed where the domain has several fields for attachments.
     */
    attach: (entityId: string, content: PhotoContent, more: AttachOptions = {}): Promise<WaitingPhoto> => photos.attach(entityId, content, more),

    photos: {
      /** Photos that are on their way or were refused, of one record or of all, oldest first, with how much of each is sent. */
      list: (entityId?: string): Promise<WaitingPhoto[]> => transact((tx) => photos.list(tx, entityId)),
      watch: (entityId: string | undefined, listener: (waiting: WaitingPhoto[]) => void): Stop =>
        live.watch(() => transact((tx) => photos.list(tx, entityId)), listener, true),
      /** The bytes of a listed photo, to show it before others can. */
      bytes: (id: string) => photos.bytes(id),
      /** A link to show one that is `ready`, for a few minutes; nothing if it is not to be had. Needs the network. */
      async link(entityId: string, attachmentId: string): Promise<{ url: string; expiresAt: string } | undefined> {
        const told = await http.ask<{ success: true; url: string; expires_at: string }>('GET', `attachments/${attachmentId}`, { query: { entity_id: entityId } });
        return 'refused' in told ? undefined : { url: told.answer.url, expiresAt: told.answer.expires_at };
      },
      /** Takes it back, also out of the record. */
      dismiss: (id: string): Promise<void> => photos.dismiss(id),
      /** Sends a refused one again. */
      retry: (id: string): Promise<void> => photos.retry(id),
      /** Sends what waits, now: for background tasks. Resolves when nothing more can be done for now. */
      send: (): Promise<PhotosEnd> => photos.run(),
      /** They may be sent now: the phone is on Wi-Fi. */
      wake: (): void => photos.wake(),
    },

    status: {
      get: (): Promise<SyncStatusReport> => transact(statusNow),
      watch: (listener: (status: SyncStatusReport) => void): Stop => live.watch(() => transact(statusNow), listener, true),
    },

    conflicts: {
      /** Unresolved ones, of all devices of this user, oldest first. */
      list: (): Promise<OpenConflict[]> => transact(openConflicts),
      watch: (listener: (conflicts: OpenConflict[]) => void): Stop => live.watch(() => transact(openConflicts), listener),
      /** Decides, also offline: the decision is queued. The record changes with the download that follows it. */
      async resolve(conflictId: string, decision: Decision): Promise<void> {
        await transact((tx) => decide(tx, conflictId, decision, now()));
        edited();
      },
    },

    /** Actions that have no final outcome yet, in the user's order. */
    outbox: {
      async list(): Promise<WaitingAction[]> {
        return (await transact(outboxRows)).filter(({ state }) => state !== 'done');
      },
      /** Sends an action again that the server keeps as failed. The server tries it at most once an hour. */
      async retry(clientId: string): Promise<void> {
        await transact((tx) => retryFailed(tx, clientId));
        edited();
      },
    },

    /** Actions that were refused for good, with their data, until they are dismissed or corrected. */
    rejected: {
      list: (): Promise<RejectedAction[]> => transact(rejectedActions),
      watch: (listener: (rejected: RejectedAction[]) => void): Stop => live.watch(() => transact(rejectedActions), listener),
      /** Does it again as a new action, with this data instead. */
      async correct(clientId: string, data: JsonObject): Promise<void> {
        await transact((tx) => correct(tx, domain, clientId, data, { clientId: uuid(), at: now() }));
        edited();
      },
      async dismiss(clientId: string): Promise<void> {
        await transact((tx) => tx.delete(keys.rejected(clientId)));
        changed();
      },
    },

    on: <Type extends SyncEventType>(type: Type, listener: (event: EventOf<Type>) => void): Stop => events.on(type, listener),

    /** A whole cycle that begins now: pull to refresh, background tasks. Resolves when it ended, however it ended. */
    sync: (): Promise<CycleEnd> => loop.now(),

    /** Something may be new: the app is in front again, a push or a poke came, the user signed in. */
    wake(): void {
      startAfresh();
      wake();
    },

    /** Forgets everything on this device, also what was not sent: for signing out. Throws while something waits, unless forced. */
    async wipe({ force = false }: { force?: boolean } = {}): Promise<void> {
      await transact(async (tx) => {
        const actions = (await outboxRows(tx)).filter(({ state }) => state !== 'done').length;
        const pictures = (await photos.list(tx)).filter(({ state }) => state === 'waiting').length;
        const waiting = pictures === 0 ? `${actions} actions` : `${actions} actions and ${pictures} photos`;
        if (actions + pictures > 0 && !force) throw new Error(`${waiting} have not reached the server.`);
        for (const [key] of await tx.scan(PREFIX.all)) if (key !== META.layout) await tx.delete(key);
      });
      http.forgetToken();
      await photos.wipe();
      startAfresh();
      changed();
    },

    /** Ends everything; what waits stays in the store for the next start. */
    close,
  };
}

function typeCheckedData(data: unknown): void {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) throw new TypeError('The data of an action is an object of fields.');
}
