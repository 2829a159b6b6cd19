import { runCycle, type CycleEnd } from './cycle.ts';
import { decide, type Decision } from './decisions.ts';
import { enqueue, type Edit, type EditOptions, type Mark } from './enqueue.ts';
import { Events, type EventOf, type SyncEvent, type SyncEventType } from './events.ts';
import { Http, type Halt } from './http.ts';
import { keys, META, PREFIX, type ConflictRow, type DecisionRow, type OutboxRow, type RejectedAction } from './keys.ts';
import { Lease } from './lease.ts';
import { Live } from './live.ts';
import { Loop } from './loop.ts';
import { platformNetwork, platformSocket, platformTimers } from './network.ts';
import { openStore } from './open-store.ts';
import type { SyncOptions } from './options.ts';
import { correct, retryFailed } from './outbox.ts';
import type { SyncRecord } from './overlay.ts';
import type { PhotoContent } from './photos/content.ts';
import { PhotoQueue, type AttachOptions, type PhotosEnd, type WaitingPhoto } from './photos/queue.ts';
import { Pokes } from './pokes.ts';
import type { Query } from './query.ts';
import { readList, readOne } from './read.ts';
import { conflictRows, decisionRows, outboxRows, rejectedActions } from './rows.ts';
import { admitUser } from './same-user.ts';
import type { Progress, Session } from './session.ts';
import { readStatus, type SyncStatusReport } from './status.ts';
import type { StoreTx } from './store.ts';
import type { JsonObject } from './wire.ts';

/** An open conflict, with what was decided here and is not yet on the server. */
export type OpenConflict = ConflictRow & { decided?: DecisionRow };

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
  const { store, domain, deviceId } = options;
  const now = options.now ?? Date.now;
  const network = options.network ?? platformNetwork();
  const timers = options.timers ?? platformTimers;
  const uuid = options.uuid ?? (() => crypto.randomUUID());
  const events = new Events();
  const live = new Live();
  const moment = { reached: true, syncing: false, progress: null as Progress | null, halt: undefined as Halt | undefined, first: true };

  const opened = openStore(store);
  opened.catch(() => undefined);

  async function transact<T>(body: (tx: StoreTx) => Promise<T>): Promise<T> {
    await opened;
    return store.transact(body);
  }

  function changed(news: readonly SyncEvent[] = []): void {
    live.changed();
    events.tell(news);
  }

  const http = new Http({
    baseUrl: options.baseUrl,
    token: options.token,
    admit: (token) => admitUser(store, token),
    network,
    timers,
    timeoutMs: options.timeoutMs ?? 30_000,
  });
  const lease = new Lease(store, uuid(), now);
  const photos = new PhotoQueue({
    store, http, domain, network, timers, now, uuid, transact,
    timeoutMs: options.timeoutMs ?? 30_000,
    random: options.random ?? Math.random,
    auto: options.start !== 'manual',
    options: options.photos ?? {},
    refused: ({ id, entityId, reason = '' }) => changed([{ type: 'photo_refused', id, entityId, reason }]),
    changed: () => live.changed(),
    passed: () => live.passed(),
    edited: () => edited(),
  });

  async function cycle(): Promise<CycleEnd> {
    await opened;
    moment.syncing = true;
    live.passed();
    const session: Session = {
      http, lease, domain, deviceId, deviceInfo: options.deviceInfo, now, changed,
      news: false,
      progress(progress) {
        moment.progress = progress;
        live.passed();
      },
    };
    try {
      return await runCycle({ session, timers, hook: options.onConflict, first: moment.first });
    } finally {
      moment.syncing = false;
    }
  }

  const loop = new Loop({
    run: cycle,
    timers,
    random: options.random ?? Math.random,
    intervalMs: options.intervalMs ?? 5 * 60_000,
    auto: options.start !== 'manual',
    ended(end) {
      if ('error' in end) return changed([{ type: 'interrupted', reason: 'store', detail: String(end.error) }]);
      if (end.ok) {
        moment.first = false;
        photos.wake();
      }
      // A tab that left the work to another has learnt nothing of the network.
      if (end.ok || end.halt !== 'overtaken') {
        moment.reached = end.ok || end.halt !== 'offline';
        moment.halt = end.ok ? undefined : end.halt;
      }
      changed(end.ok ? [] : [{ type: 'interrupted', reason: end.halt, detail: end.detail }]);
    },
  });

  const socket = options.socket ?? platformSocket();
  const pokes = options.liveUrl === undefined || !socket || options.start === 'manual' ? undefined : new Pokes({
    url: options.liveUrl,
    socket,
    token: (refused) => http.freshToken(refused),
    timers,
    random: options.random ?? Math.random,
    now,
    poked: () => loop.poked(),
  });

  const stopListening = [
    network.onChange?.((online) => {
      if (online) wake();
      else {
        loop.rest();
        pokes?.stop();
      }
      live.passed();
    }),
    store.onOthersWrite?.(() => live.changed()),
  ];
  wake();

  function wake(): void {
    loop.wake();
    pokes?.start();
    photos.wake();
  }

  function edited(): void {
    changed();
    loop.soon();
  }

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
        changed();
        loop.soon();
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
        changed();
        loop.soon();
      },
    },

    /** Actions that were refused for good, with their data, until they are dismissed or corrected. */
    rejected: {
      list: (): Promise<RejectedAction[]> => transact(rejectedActions),
      watch: (listener: (rejected: RejectedAction[]) => void): Stop => live.watch(() => transact(rejectedActions), listener),
      /** Does it again as a new action, with this data instead. */
      async correct(clientId: string, data: JsonObject): Promise<void> {
        await transact((tx) => correct(tx, domain, clientId, data, { clientId: uuid(), at: now() }));
        changed();
        loop.soon();
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
      moment.first = true;
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
      moment.first = true;
      changed();
    },

    /** Ends everything; what waits stays in the store for the next start. */
    async close(): Promise<void> {
      for (const stop of stopListening) stop?.();
      live.clear();
      http.close();
      pokes?.stop();
      await photos.stop();
      await loop.stop();
      await store.close();
    },
  };

  function statusNow(tx: StoreTx): Promise<SyncStatusReport> {
    const online = moment.reached && network.isOnline?.() !== false;
    return readStatus(tx, { online, syncing: moment.syncing, progress: moment.progress, halt: moment.halt, now: now() });
  }
}

async function openConflicts(tx: StoreTx): Promise<OpenConflict[]> {
  const decisions = new Map((await decisionRows(tx)).map((row) => [row.conflictId, row]));
  const open = (await conflictRows(tx)).map((row): OpenConflict => {
    const decided = decisions.get(row.conflict.id);
    return decided ? { ...row, decided } : row;
  });
  return open.sort((a, b) => (a.conflict.detected_at < b.conflict.detected_at ? -1 : 1));
}

function typeCheckedData(data: unknown): void {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) throw new TypeError('The data of an action is an object of fields.');
}
