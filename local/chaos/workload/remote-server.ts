import type { DownloadQuery, DownloadResponse } from '../../../src/protocol/download.ts';
import type { UploadResponse } from '../../../src/protocol/upload.ts';
import type { SyncServer, UploadBody } from '../../demo/phone.ts';

/** No word that counts: a broken connection, a timeout, or trouble on the server's side. The effect is unknown. */
export class NoAnswer extends Error {
  override name = 'NoAnswer';
}

/** An answer with a status that a phone which does all right should never get. */
export type Refusal = { route: string; status: number; body: string };

export type RemoteOptions = {
  url: string;
  /** Who asks. */
  agent: string;
  token: () => Promise<string>;
  /** `Prefer: wait`, s. */
  waitSeconds: number;
  /** After this a phone gives up, ms; the server may go on. */
  patienceMs: number;
};

/** The API over HTTP as a phone sees it, and a record of what it should never have answered (P12). */
export class RemoteServer implements SyncServer {
  readonly refusals: Refusal[] = [];
  /** How often each status came; 0: none came. */
  readonly statuses = new Map<number, number>();
  readonly #options: RemoteOptions;

  constructor(options: RemoteOptions) {
    this.#options = options;
  }

  async upload(body: UploadBody): Promise<UploadResponse> {
    return this.#ask<UploadResponse>('POST /sync/upload', '/sync/upload', body);
  }

  async download(query: DownloadQuery): Promise<DownloadResponse> {
    const asked = Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]);
    return this.#ask<DownloadResponse>('GET /sync/download', `/sync/download?${new URLSearchParams(asked)}`);
  }

  async conflicts(): Promise<{ conflicts: { id: string }[] }> {
    return this.#ask('GET /sync/conflicts', '/sync/conflicts?limit=5');
  }

  /** False: it was decided otherwise, has changed, or can't be seen any more. */
  async resolve(conflict_id: string, strategy: string): Promise<boolean> {
    const answer = await this.#ask<object | undefined>('POST /sync/resolve-conflict', '/sync/resolve-conflict', { conflict_id, strategy }, [404, 409]);
    return answer !== undefined;
  }

  /** `expected`: refusals that the caller has no need to hear of. */
  async #ask<Answer>(route: string, path: string, body?: unknown, expected: readonly number[] = []): Promise<Answer> {
    const { url, agent, token, waitSeconds, patienceMs } = this.#options;
    let status = 0;
    let text: string;
    try {
      const response = await fetch(`${url}/api/v1${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          authorization: `Bearer ${await token()}`,
          'user-agent': agent,
          ...(body === undefined ? {} : { 'content-type': 'application/json', prefer: `wait=${waitSeconds}` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(patienceMs),
      });
      text = await response.text();
      status = response.status;
    } catch (error) {
      throw new NoAnswer(`${route}: ${(error as Error).name}`);
    } finally {
      this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    }
    if (status >= 500) throw new NoAnswer(`${route}: ${status}`);
    if (expected.includes(status)) return undefined as Answer;
    if (status >= 400) this.refusals.push({ route, status, body: text.slice(0, 500) });
    if (status >= 400) throw new NoAnswer(`${route}: ${status}`);
    return JSON.parse(text) as Answer;
  }
}
