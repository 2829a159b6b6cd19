import { BEARER_PROTOCOL, LIVE_PROTOCOL } from '../../src/protocol/live.ts';
import { claimsIn } from './claims.ts';
import type { Timers } from './network.ts';

/** A WebSocket as browsers, React Native and Node make it; no more of it is used. */
export type LiveSocket = {
  addEventListener(type: 'open' | 'message' | 'close' | 'error', listener: (event: { type?: string; data?: unknown }) => void): void;
  send(text: string): void;
  close(): void;
};

export type SocketFactory = (url: string, protocols: string[]) => LiveSocket;

/** Times of a connection, ms. */
export const LIVE = {
  /** The gateway closes what is silent for ten minutes. */
  pingMs: 8 * 60_000,
  /** Nothing heard for so long after a ping, or since connecting began: there is nobody. */
  patienceMs: 30_000,
  /** The gateway closes whatever is two hours old: before that, at a moment of our own. */
  renewMs: 110 * 60_000,
  firstRetryMs: 1000,
  longestRetryMs: 5 * 60_000,
  /** A connection that stood for so long begins anew with short pauses. */
  stableMs: 60_000,
} as const;

/** `beat`: the next ping, or the end of patience; `renew`: a connection after this one; `retry`: one after none. */
type Timer = 'beat' | 'renew' | 'retry';

export type PokesOptions = {
  url: string;
  socket: SocketFactory;
  /** A token that is good now; with the old one, if that has expired. */
  token: (refused?: string) => Promise<string>;
  timers: Timers;
  random: () => number;
  now: () => number;
  /** Something is new, or may have been missed. */
  poked: () => void;
};

/**
 * Hears from the server that there is something to download. Nothing depends on it: whenever a connection begins, ends, or
 * can't be had, that counts as a poke too, so the same pauses that space the attempts to connect space the polls.
 */
export class Pokes {
  readonly #options: PokesOptions;
  /** The connection that counts; whatever an older one still says is not heard. */
  #socket: LiveSocket | undefined;
  #attempt = 0;
  #failures = 0;
  #openedAt = 0;
  #wanted = false;
  readonly #cancel: { [T in Timer]?: () => void } = {};

  constructor(options: PokesOptions) {
    this.#options = options;
  }

  /** Connects, or looks whether the connection is still one; what had failed before does not count any more. */
  start(): void {
    this.#failures = 0;
    if (this.#openedAt > 0) return this.#ping();
    if (this.#wanted && !this.#cancel.retry) return;
    this.#wanted = true;
    void this.#connect();
  }

  stop(): void {
    this.#wanted = false;
    this.#leave();
  }

  async #connect(): Promise<void> {
    this.#leave();
    const attempt = this.#attempt;
    const { url, socket: open, poked } = this.#options;
    let socket: LiveSocket;
    try {
      const token = await this.#token();
      if (attempt !== this.#attempt) return;
      socket = open(url, [LIVE_PROTOCOL, `${BEARER_PROTOCOL}${token}`]);
    } catch {
      // No token, or an address that is none: whoever asks for data hears why.
      if (attempt === this.#attempt) this.#down();
      return;
    }
    this.#socket = socket;
    const counts = () => this.#socket === socket;
    this.#expectWord();
    socket.addEventListener('open', () => {
      if (!counts()) return;
      this.#openedAt = this.#options.now();
      this.#heard();
      this.#later('renew', LIVE.renewMs * (1 - this.#options.random() / 20), () => void this.#connect());
      poked();
    });
    socket.addEventListener('message', ({ data }) => {
      if (!counts()) return;
      this.#heard();
      if (isChange(data)) poked();
    });
    const ended = () => {
      if (counts()) this.#down();
    };
    socket.addEventListener('error', ended);
    socket.addEventListener('close', ended);
  }

  /** Somebody is there: the next ping is in a while. */
  #heard(): void {
    this.#later('beat', LIVE.pingMs, () => this.#ping());
  }

  #ping(): void {
    try {
      this.#socket?.send('{"type":"ping"}');
      this.#expectWord();
    } catch {
      this.#down();
    }
  }

  #expectWord(): void {
    this.#later('beat', LIVE.patienceMs, () => this.#down());
  }

  /** There is no connection: the next one after a pause, by chance between half of it and all. */
  #down(): void {
    if (this.#openedAt > 0 && this.#options.now() - this.#openedAt >= LIVE.stableMs) this.#failures = 0;
    this.#leave();
    if (!this.#wanted) return;
    const pause = Math.min(LIVE.longestRetryMs, LIVE.firstRetryMs * 2 ** this.#failures++);
    this.#later('retry', Math.round(pause * (0.5 + this.#options.random() / 2)), () => void this.#connect());
    this.#options.poked();
  }

  #leave(): void {
    this.#attempt++;
    this.#openedAt = 0;
    for (const name of ['beat', 'renew', 'retry'] as const) this.#later(name);
    const socket = this.#socket;
    this.#socket = undefined;
    try {
      socket?.close();
    } catch {
      // It never was one.
    }
  }

  #later(name: Timer, ms?: number, act?: () => void): void {
    this.#cancel[name]?.();
    delete this.#cancel[name];
    if (ms === undefined || !act) return;
    this.#cancel[name] = this.#options.timers.set(ms, () => {
      delete this.#cancel[name];
      act();
    });
  }

  /** Not one that has expired: a refused handshake would not say why. */
  async #token(): Promise<string> {
    const token = await this.#options.token();
    const { exp } = claimsIn(token);
    return typeof exp === 'number' && exp * 1000 <= this.#options.now() ? this.#options.token(token) : token;
  }
}

function isChange(data: unknown): boolean {
  try {
    return (JSON.parse(String(data)) as { type?: unknown } | null)?.type === 'changed';
  } catch {
    return false;
  }
}
