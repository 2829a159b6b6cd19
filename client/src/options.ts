import type { ResolveHook } from './decisions.ts';
import type { PhoneDomain } from './domain.ts';
import type { TokenSource } from './http.ts';
import type { Network, Timers } from './network.ts';
import type { PhotoOptions } from './photos/queue.ts';
import type { SocketFactory } from './pokes.ts';
import type { Store } from './store.ts';

/** For the server's statistics; each at most 100 characters. */
export type DeviceInfo = { platform?: string; os_version?: string; model?: string; app_version?: string };

export type SyncOptions = {
  /** Where the API is, without `/api/v1`: `https://abc.execute-api.eu-central-1.amazonaws.com`. */
  baseUrl: string;
  /** Asked before every request; called with the old token when the server refused it. A rejection means: signed out. */
  token: TokenSource;
  /** Made once per installation, 1–64 of `A–Z a–z 0–9 _ -`, and kept out of backups (protocol.md, what a phone must do). */
  deviceId: string;
  store: Store;
  domain: PhoneDomain;
  /** Default: `fetch`, and the browser's word on whether there is a network. */
  network?: Network;
  /** Where the server tells of changes at once: `wss://….amazonaws.com/live`. Without it there are polls only. */
  liveUrl?: string;
  /** Makes the connection to `liveUrl`. Default: the platform's `WebSocket`, where there is one. */
  socket?: SocketFactory;
  /** Decides conflicts on the phone, where it can. */
  onConflict?: ResolveHook;
  /** How photos are sent. */
  photos?: PhotoOptions;
  deviceInfo?: DeviceInfo;
  /** Pause between cycles when nothing else asks for one, ms; 0 for none. Default 5 minutes. */
  intervalMs?: number;
  /** A request without an answer is given up after so long, ms. Default 30 s. */
  timeoutMs?: number;
  /** `manual`: cycles run only when `sync()` is called. */
  start?: 'auto' | 'manual';
  /** The phone's clock, ms. */
  now?: () => number;
  timers?: Timers;
  /** 0 up to 1, for the jitter of pauses. */
  random?: () => number;
  /** Makes a UUID. Default `crypto.randomUUID`; on React Native give `randomUUID` of expo-crypto. */
  uuid?: () => string;
};
