import type { Send } from './photos/send.ts';
import type { SocketFactory } from './pokes.ts';

/** An answer as `fetch` gives it; no more of it is used. */
export type HttpResponse = {
  status: number;
  headers: { get(name: string): string | null };
  text(): Promise<string>;
};

export type HttpRequest = { method: string; headers: Record<string, string>; body?: string | Uint8Array<ArrayBuffer>; signal: AbortSignal };

/** How the app reaches the server, and how it learns that it can. */
export type Network = {
  fetch(url: string, request: HttpRequest): Promise<HttpResponse>;
  /** Sends bytes and tells progress. Default: XMLHttpRequest where there is one, else `fetch`. */
  send?: Send;
  /** False only if there surely is no network. */
  isOnline?(): boolean;
  /** Tells when the network comes and goes (`Network.addNetworkStateListener` of expo-network, NetInfo). */
  onChange?(listener: (online: boolean) => void): () => void;
};

/** What browsers tell; React Native has none of these. */
type Surroundings = {
  navigator?: { onLine?: boolean };
  addEventListener?: (type: string, listener: () => void) => void;
  removeEventListener?: (type: string, listener: () => void) => void;
};

/** `fetch`, and in a browser its own word on whether there is a network. */
export function platformNetwork(): Network {
  const around = globalThis as Surroundings;
  return {
    fetch: (url, request) => fetch(url, request),
    isOnline: () => around.navigator?.onLine !== false,
    onChange(listener) {
      const on = () => listener(true);
      const off = () => listener(false);
      around.addEventListener?.('online', on);
      around.addEventListener?.('offline', off);
      return () => {
        around.removeEventListener?.('online', on);
        around.removeEventListener?.('offline', off);
      };
    },
  };
}

/** `WebSocket`, where there is one: browsers, React Native, Node from 22 on. */
export function platformSocket(): SocketFactory | undefined {
  return typeof WebSocket === 'undefined' ? undefined : (url, protocols) => new WebSocket(url, protocols);
}

/** Timers, so that tests hold the clock. */
export type Timers = { set(ms: number, callback: () => void): () => void };

export const platformTimers: Timers = {
  set(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
