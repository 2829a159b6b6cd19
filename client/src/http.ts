import type { HttpResponse, Network, Timers } from './network.ts';
import type { FieldFault, JsonObject } from './wire.ts';

/** Why a cycle can't go on. What it has done so far stands; whatever is left is tried again. */
export type Halt =
  | 'offline' // no answer, or one that is not ours (a hotel's login page)
  | 'server' // 429 or 5xx: trouble on the other side
  | 'signed_out' // no token, or one that is refused twice
  | 'forbidden' // the token is good and the user may not sync
  | 'other_user' // the token is of somebody else than the data on this device
  | 'refused' // a 4xx that no action is to blame for: a fault of app or address
  | 'overtaken'; // another tab or task took over

/** Ends a cycle. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly halt: Halt;
  /** Not before, ms from now. */
  readonly retryAfterMs: number | undefined;

  constructor(halt: Halt, detail: string, retryAfterMs?: number) {
    super(detail);
    this.halt = halt;
    this.retryAfterMs = retryAfterMs;
  }
}

/** A refusal that the caller may know what to do with: 400, 404, 409, 413, 415 or 422. */
export type Refused = { status: number; code: string; detail: string; errors: FieldFault[]; body: JsonObject };

/** A refusal that ends the cycle, with all that the server said of it. */
export function fault({ detail, errors }: Refused): Interrupted {
  return new Interrupted('refused', [detail, ...errors.map(({ pointer, message }) => `${pointer}: ${message}`)].join(' '));
}

/** Is an upload refused for its actions alone, so that others could be taken without those? */
export function blamesActions({ status, errors }: Refused): boolean {
  return status === 413 || (errors.length > 0 && errors.every(({ pointer }) => pointer.startsWith('/actions')));
}

/** Gives a token that is good now. `refused`: the server did not take this one, so a new one is needed. */
export type TokenSource = (refused?: string) => Promise<string>;

export type HttpOptions = {
  baseUrl: string;
  token: TokenSource;
  /** Looks at a token before it is used the first time; throws `Interrupted`. */
  admit: (token: string) => Promise<void>;
  network: Network;
  timers: Timers;
  timeoutMs: number;
};

export type Ask = {
  query?: Record<string, string | number | undefined>;
  body?: object;
  /** Seconds that the server may wait for outcomes. */
  wait?: number;
  /** Ask for the records that results are about. */
  representation?: boolean;
};

const GZIP_FROM_BYTES = 1400;

/** The HTTP API as the phone uses it. Resolves with an answer or a refusal to act on; anything else is `Interrupted`. */
export class Http {
  readonly #options: HttpOptions;
  #gzip = typeof CompressionStream !== 'undefined';
  /** The last token that was used. */
  #token: string | undefined;
  /** What is waited for; an end is told to each. */
  readonly #waiting = new Set<(why: string) => void>();
  #closed = false;

  constructor(options: HttpOptions) {
    this.#options = options;
  }

  /** `success: true` in a body of 2xx is the mark of an answer that is ours. */
  async ask<T extends { success: true }>(method: 'GET' | 'POST', path: string, ask: Ask = {}): Promise<{ answer: T } | { refused: Refused }> {
    let answer = await this.#send(method, path, ask);
    if (answer.status === 401) answer = await this.#send(method, path, ask, this.#token);
    if (answer.status === 415 && this.#gzip) {
      this.#gzip = false;
      answer = await this.#send(method, path, ask);
    }
    const { status, body } = answer;
    if (status < 300 && body?.['success'] === true) return { answer: body as unknown as T };
    return { refused: refusalOf(answer) };
  }

  /** Waits for nothing any more. What was sent may still take effect. */
  close(): void {
    this.#closed = true;
    for (const end of this.#waiting) end('the app closes');
  }

  /** The next token is looked at as if it were the first: the store was given to whoever comes next. */
  forgetToken(): void {
    this.#token = undefined;
  }

  async #send(method: string, path: string, { query, body, wait, representation }: Ask, refused?: string): Promise<Received> {
    const { baseUrl, network } = this.#options;
    const token = await this.freshToken(refused);
    const packed = body === undefined ? undefined : await this.#pack(JSON.stringify(body));
    const request = (signal: AbortSignal) =>
      network.fetch(`${baseUrl.replace(/\/+$/, '')}/api/v1/sync/${path}${queryText(query)}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(packed && { 'content-type': 'application/json' }),
          ...(packed?.gzip && { 'content-encoding': 'gzip' }),
          ...(wait !== undefined && { prefer: `wait=${wait}${representation ? ', return=representation' : ''}` }),
        },
        ...(packed && { body: packed.body }),
        signal,
      });
    try {
      return await this.bounded(async (signal) => received(await request(signal)));
    } catch (error) {
      throw new Interrupted('offline', `No answer: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Waits for it, but at most so long, and no longer than the app runs: also for what does not heed the signal. */
  async bounded<T>(work: (signal: AbortSignal) => Promise<T>, ms = this.#options.timeoutMs): Promise<T> {
    if (this.#closed) throw new Error('the app closes');
    const abort = new AbortController();
    let end: (why: string) => void = () => {};
    const ended = new Promise<never>((_, reject) => {
      end = (why) => {
        abort.abort();
        reject(new Error(why));
      };
    });
    this.#waiting.add(end);
    const cancel = this.#options.timers.set(ms, () => end(`nothing within ${ms} ms`));
    try {
      return await Promise.race([work(abort.signal), ended]);
    } finally {
      cancel();
      this.#waiting.delete(end);
    }
  }

  /** A token that this device's user may use. `refused`: not this one. */
  async freshToken(refused?: string): Promise<string> {
    let token: string;
    try {
      token = await this.bounded(() => this.#options.token(refused));
    } catch (error) {
      throw new Interrupted('signed_out', `There is no token: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (token !== this.#token) await this.#options.admit(token);
    this.#token = token;
    return token;
  }

  async #pack(text: string): Promise<{ body: string | Uint8Array<ArrayBuffer>; gzip: boolean }> {
    if (!this.#gzip || text.length < GZIP_FROM_BYTES) return { body: text, gzip: false };
    const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'));
    return { body: new Uint8Array(await new Response(stream).arrayBuffer()), gzip: true };
  }
}

type Received = { status: number; body: JsonObject | undefined; retryAfterMs: number | undefined };

async function received(response: HttpResponse): Promise<Received> {
  const text = await response.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // Judged by its status, or as somebody else's answer.
  }
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return {
    status: response.status,
    body: typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as JsonObject) : undefined,
    retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : undefined,
  };
}

/** Only what our own server says in its own form is a refusal; whatever else answers is trouble on the way. */
function refusalOf({ status, body, retryAfterMs }: Received): Refused {
  const code = typeof body?.['code'] === 'string' ? body['code'] : undefined;
  const detail = typeof body?.['detail'] === 'string' ? body['detail'] : `status ${status}`;
  if (status === 429 || status >= 500) throw new Interrupted('server', detail, retryAfterMs);
  if (code === undefined) throw new Interrupted('offline', `Something else than the server answered: status ${status}`);
  if (status === 401) throw new Interrupted('signed_out', detail);
  if (status === 403) throw new Interrupted('forbidden', detail);
  const errors = Array.isArray(body?.['errors']) ? (body['errors'] as unknown as FieldFault[]) : [];
  return { status, code, detail, errors, body: body ?? {} };
}

// Not URLSearchParams: React Native's own is only a part of it.
function queryText(query: Ask['query'] = {}): string {
  const parts = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`]));
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}
