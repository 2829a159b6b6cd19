import type { Timers } from '../../../client/src/network.ts';
import type { LiveSocket, SocketFactory } from '../../../client/src/pokes.ts';

/** Time that a test lets pass. */
export class FakeTime implements Timers {
  now = 1_800_000_000_000;
  #timers: { at: number; callback: () => void }[] = [];

  set(ms: number, callback: () => void): () => void {
    const timer = { at: this.now + ms, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Ms until the next timer, if there is one. */
  get next(): number | undefined {
    return this.#timers.length === 0 ? undefined : Math.min(...this.#timers.map(({ at }) => at)) - this.now;
  }

  /** Lets so much pass, timer by timer, with whatever these bring about. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      const due = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#timers = this.#timers.filter((other) => other !== due);
      this.now = Math.max(this.now, due.at);
      due.callback();
      await settled();
    }
    this.now = end;
    await settled();
  }
}

/** Promises that are due have run. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

/** The phone's end of a connection, and what a test does at the other. */
export class FakeSocket implements LiveSocket {
  readonly protocols: readonly string[];
  readonly sent: string[] = [];
  closed = false;
  readonly #listeners: [type: string, listener: (event: { data?: unknown }) => void][] = [];

  constructor(protocols: readonly string[]) {
    this.protocols = protocols;
  }

  send(text: string): void {
    if (this.closed) throw new Error('InvalidStateError');
    this.sent.push(text);
  }

  close(): void {
    this.closed = true;
  }

  addEventListener(...listening: Parameters<LiveSocket['addEventListener']>): void {
    this.#listeners.push(listening);
  }

  open(): void {
    this.#tell('open');
  }

  say(data: unknown): void {
    this.#tell('message', data);
  }

  /** The connection ends, or was refused. */
  end(): void {
    this.closed = true;
    this.#tell('error');
    this.#tell('close');
  }

  #tell(type: string, data?: unknown): void {
    for (const [of, listener] of this.#listeners) if (of === type) listener({ data });
  }
}

/** Connections that were made, the newest last. */
export function fakeSockets(): { made: FakeSocket[]; factory: SocketFactory; last(): FakeSocket } {
  const made: FakeSocket[] = [];
  return {
    made,
    factory(_url, protocols) {
      const socket = new FakeSocket(protocols);
      made.push(socket);
      return socket;
    },
    last() {
      const socket = made.at(-1);
      if (!socket) throw new Error('nothing was connected');
      return socket;
    },
  };
}
