import { runCycle, type CycleEnd } from './cycle.ts';
import { Events, type SyncEvent } from './events.ts';
import { Http, type Halt } from './http.ts';
import { Lease } from './lease.ts';
import { Live } from './live.ts';
import { Loop } from './loop.ts';
import { platformNetwork, platformSocket, platformTimers } from './network.ts';
import { openStore } from './open-store.ts';
import type { SyncOptions } from './options.ts';
import { PhotoQueue } from './photos/queue.ts';
import { Pokes } from './pokes.ts';
import { admitUser } from './same-user.ts';
import type { Progress, Session } from './session.ts';
import { readStatus, type SyncStatusReport } from './status.ts';
import type { StoreTx } from './store.ts';

/**
 * What runs behind `createSync`: transactions of the store, the loop of cycles, photos, pokes, and who is told of changes.
 * Starts at once.
 */
export function startMachinery(options: SyncOptions) {
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

  async function close(): Promise<void> {
    for (const stop of stopListening) stop?.();
    live.clear();
    http.close();
    pokes?.stop();
    await photos.stop();
    await loop.stop();
    await store.close();
  }

  /** The next cycle is like the first one of a start. */
  function startAfresh(): void {
    moment.first = true;
  }

  function statusNow(tx: StoreTx): Promise<SyncStatusReport> {
    const online = moment.reached && network.isOnline?.() !== false;
    return readStatus(tx, { online, syncing: moment.syncing, progress: moment.progress, halt: moment.halt, now: now() });
  }

  return { now, uuid, events, live, http, photos, loop, transact, changed, edited, wake, startAfresh, statusNow, close };
}
