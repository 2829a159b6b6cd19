import * as z from 'zod/mini';
import { downloadResponse, type DownloadQuery, type DownloadResponse } from '../../src/protocol/download.ts';
import { resolveResponse, conflictsResponse, type ResolveRequest, type WireConflict, type ResolveResponse } from '../../src/protocol/conflict.ts';
import type { Json } from '../../src/protocol/json.ts';
import { problem, type Problem } from '../../src/protocol/problem.ts';
import { statusResponse, type StatusResponse } from '../../src/protocol/status.ts';
import { uploadResponse, type UploadResponse } from '../../src/protocol/upload.ts';
import { BASE_PATH } from '../../src/protocol/version.ts';
import type { SyncServer, UploadBody } from './phone.ts';

/** A request as it is sent: `body` becomes JSON unless it is text or bytes already. */
export type ApiRequest = {
  query?: Readonly<Record<string, string | number | undefined>>;
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
};

/** An answer as it came; `body` is the parsed JSON. */
export type ApiAnswer = { status: number; headers: Headers; body: Json };

/** The server refused, and said why. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly problem: Problem;

  constructor(refused: Problem) {
    super(`${refused.status} ${refused.code}: ${refused.detail}`);
    this.problem = refused;
  }
}

/** The HTTP API for one user, from outside. Answers are held to the contract's schemas. */
export class Api implements SyncServer {
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  /** Any request below the API's base path, or with an absolute path outside it. Never throws for a status. */
  async request(method: string, path: string, { query = {}, body, headers = {} }: ApiRequest = {}): Promise<ApiAnswer> {
    const url = new URL(`${path.startsWith('/') ? '' : `${BASE_PATH}/`}${path}`, this.#url);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
    const raw = typeof body === 'string' || body instanceof Uint8Array;
    const answer = await fetch(url, {
      method,
      headers: {
        ...(this.#token === '' ? {} : { authorization: `Bearer ${this.#token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text === '' ? null : (JSON.parse(text) as Json) };
  }

  async upload(body: UploadBody, headers: Readonly<Record<string, string>> = {}): Promise<UploadResponse> {
    return this.#held(uploadResponse, 'POST', 'sync/upload', { body, headers });
  }

  async download(query: DownloadQuery): Promise<DownloadResponse> {
    return this.#held(downloadResponse, 'GET', 'sync/download', { query });
  }

  async status(deviceId: string): Promise<StatusResponse> {
    return this.#held(statusResponse, 'GET', 'sync/status', { query: { device_id: deviceId } });
  }

  async conflicts(query: { device_id?: string; status?: string } = {}): Promise<WireConflict[]> {
    return (await this.#held(conflictsResponse, 'GET', 'sync/conflicts', { query })).conflicts;
  }

  async resolve(decision: ResolveRequest): Promise<ResolveResponse> {
    return this.#held(resolveResponse, 'POST', 'sync/resolve-conflict', { body: decision });
  }

  async #held<T>(schema: z.ZodMiniType<T>, method: string, path: string, request: ApiRequest): Promise<T> {
    const { status, body } = await this.request(method, path, request);
    if (status < 300) return z.parse(schema, body);
    throw new ApiProblem(z.parse(problem, body));
  }
}
