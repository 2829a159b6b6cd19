import { setImmediate } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import type { Network, HttpRequest, HttpResponse } from '../../../client/src/network.ts';
import { createMemoryObjects, type MemoryObjects } from '../../../src/adapters/memory/objects.ts';
import { civic } from '../../../src/domain/civic.ts';
import type { Domain } from '../../../src/engine/domain.ts';
import { earlierActions } from '../../../src/http/endpoints/actions.ts';
import { ownConflicts } from '../../../src/http/endpoints/conflicts.ts';
import { announceAttachment, linkToAttachment } from '../../../src/http/endpoints/attachments.ts';
import { downloadChanges } from '../../../src/http/endpoints/download.ts';
import { decideConflict } from '../../../src/http/endpoints/resolve-conflict.ts';
import { deviceStatus } from '../../../src/http/endpoints/status.ts';
import { oneRecord } from '../../../src/http/endpoints/record.ts';
import { uploadActions } from '../../../src/http/endpoints/upload.ts';
import { httpHandler, type HttpHandler } from '../../../src/http/handler.ts';
import type { Claims } from '../../../src/engine/model.ts';
import { check } from '../../../src/service/attachments/check.ts';
import { SyncError } from '../../../src/service/errors.ts';
import { bodyText, httpEvent, INVOCATION } from '../http.ts';
import { createWorld, type World, type WorldOptions } from '../world.ts';

const endpoints = (objects: MemoryObjects) => ({
  'POST /api/v1/sync/attachments': announceAttachment(() => objects),
  'GET /api/v1/sync/attachments/{attachment_id}': linkToAttachment(() => objects),
  'POST /api/v1/sync/upload': uploadActions,
  'GET /api/v1/sync/download': downloadChanges,
  'GET /api/v1/sync/status': deviceStatus,
  'GET /api/v1/sync/actions': earlierActions,
  'GET /api/v1/sync/conflicts': ownConflicts,
  'GET /api/v1/sync/records/{entity_type}/{entity_id}': oneRecord,
  'POST /api/v1/sync/resolve-conflict': decideConflict,
});

/** What happens to one request. `lost`: it never arrives; `unanswered`: it takes effect; a number: an error instead. */
export type Fate = 'well' | 'lost' | 'unanswered' | number;

export type Request = { method: string; path: string; body: string | undefined };

/** The real backend in this process, behind the real HTTP handlers, over memory: what the phone's `fetch` talks to. */
export class Backend {
  readonly world: World;
  /** Where photos go. */
  readonly objects: MemoryObjects;
  /** Events of arrivals get lost. */
  deaf = false;
  /** Every request that was sent, also lost ones. */
  readonly requests: Request[] = [];
  /** Decides over each request; default: all go well. */
  fate: (request: Request) => Fate = () => 'well';
  /** Does a worker run while uploads wait? Else all stays queued until the test lets it run. */
  working = true;
  /** Bodies of the errors that `fate` decrees; default: an empty object, as of somebody else. */
  readonly answers = new Map<number, object>();
  /** Reports with this title make the worker fail, as a bug of the domain would. */
  poison: string | undefined;
  /** Tokens that are no longer taken. */
  readonly expired = new Set<string>();
  /** Uploads that are under way at the same time, per device: more than one is the phone's fault. */
  readonly overlaps: string[] = [];
  readonly #handle: HttpHandler;
  readonly #uploading = new Map<string, number>();

  constructor(options: WorldOptions = {}) {
    this.world = createWorld({ auto: true, domain: this.#civic(), ...options });
    const { deps, report } = this.world;
    const verify = async (token: string): Promise<Claims> => {
      const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString() || 'null') as Claims | null;
      if (!claims || this.expired.has(token)) throw new SyncError('unauthorized', 'The token is not valid.');
      return claims;
    };
    const runtime = { report: Object.assign(report, { begin() {}, end() {} }), deps: () => deps, verifier: () => ({ verify }) };
    this.objects = createMemoryObjects(this.world.clock);
    this.#handle = httpHandler(runtime, endpoints(this.objects));
  }

  /** The way to it; `cut` is asked before and after each request. */
  network(cut: () => boolean = () => false): Network {
    return {
      fetch: async (url, request) => {
        if (cut()) throw new TypeError('fetch failed');
        const response = await this.#carry(url, request);
        if (cut()) throw new TypeError('fetch failed');
        return response;
      },
      isOnline: () => true,
    };
  }

  async #carry(url: string, request: HttpRequest): Promise<HttpResponse> {
    if (url.startsWith('memory:')) return this.#store(url, request);
    const { pathname, searchParams } = new URL(url);
    const text = typeof request.body === 'object' ? gunzipSync(request.body).toString() : request.body;
    const sent = { method: request.method, path: pathname, body: text };
    this.requests.push(sent);
    await setImmediate();
    const fate = this.fate(sent);
    if (fate === 'lost') throw new TypeError('fetch failed');
    if (typeof fate === 'number' && fate !== 500) return answerOf(fate, JSON.stringify(this.answers.get(fate) ?? {}));
    const device = pathname.endsWith('/upload') && text ? String((JSON.parse(text) as { device_id: unknown }).device_id) : undefined;
    const response = await this.#counted(device, () =>
      this.#answer(
        httpEvent(routeOf(request.method, pathname), {
          ...pathParametersOf(pathname),
          headers: request.headers,
          queryStringParameters: Object.fromEntries(searchParams),
          ...(request.body === undefined ? {} : bodyOf(request.body)),
        }),
      ),
    );
    if (fate === 'unanswered') throw new TypeError('fetch failed');
    return fate === 500 ? answerOf(500, 'Internal Server Error') : response;
  }

  /** What comes by a link: `fate` decides over it like over any request, by the path `/object`. */
  async #store(url: string, { method, headers, body }: HttpRequest): Promise<HttpResponse> {
    const sent = { method, path: '/object', body: undefined };
    this.requests.push(sent);
    await setImmediate();
    const fate = this.fate(sent);
    if (fate === 'lost') throw new TypeError('fetch failed');
    if (typeof fate === 'number') return answerOf(fate, '');
    const taken = typeof body === 'object' && this.objects.put(url, body, headers['content-type'] ?? '');
    if (!taken) return answerOf(403, '');
    const id = /incoming\/([\w-]+)/.exec(url)?.[1] ?? '';
    if (!this.deaf) await check(this.world.deps, this.objects, id);
    await this.world.settle();
    if (fate === 'unanswered') throw new TypeError('fetch failed');
    return answerOf(200, '');
  }

  #civic(): Domain {
    const { report } = civic.types;
    if (!report) throw new Error('the domain has reports');
    const checkChange: typeof report.checkChange = (before, after) => {
      if (after['title'] === this.poison) throw new TypeError('a bug of the domain');
      return report.checkChange?.(before, after) ?? [];
    };
    return { ...civic, types: { ...civic.types, report: { ...report, checkChange } } };
  }

  async #counted<T>(device: string | undefined, work: () => Promise<T>): Promise<T> {
    if (device === undefined) return work();
    const before = this.#uploading.get(device) ?? 0;
    if (before > 0) this.overlaps.push(device);
    this.#uploading.set(device, before + 1);
    try {
      return await work();
    } finally {
      this.#uploading.set(device, (this.#uploading.get(device) ?? 1) - 1);
    }
  }

  async #answer(event: ReturnType<typeof httpEvent>): Promise<HttpResponse> {
    let done = false;
    const answering = this.#handle(event, INVOCATION).finally(() => (done = true));
    while (!done) {
      if (this.working) await this.world.deliver();
      await setImmediate();
    }
    const result = await answering;
    const headers = new Headers(Object.entries(result.headers ?? {}).map(([name, value]): [string, string] => [name, String(value)]));
    return { status: result.statusCode ?? 200, headers, text: async () => bodyText(result) };
  }
}

const ATTACHMENT_PATH = /^(\/api\/v1\/sync\/attachments)\/([^/]+)$/;
const RECORD_PATH = /^(\/api\/v1\/sync\/records)\/([^/]+)\/([^/]+)$/;

function routeOf(method: string, path: string): string {
  return `${method} ${path.replace(RECORD_PATH, '$1/{entity_type}/{entity_id}').replace(ATTACHMENT_PATH, '$1/{attachment_id}')}`;
}

function pathParametersOf(path: string): { pathParameters?: Record<string, string> } {
  const [, , attachment_id] = ATTACHMENT_PATH.exec(path) ?? [];
  if (attachment_id !== undefined) return { pathParameters: { attachment_id } };
  const [, , entity_type, entity_id] = RECORD_PATH.exec(path) ?? [];
  return entity_type === undefined || entity_id === undefined ? {} : { pathParameters: { entity_type, entity_id: decodeURIComponent(entity_id) } };
}

function bodyOf(body: string | Uint8Array): { body: string; isBase64Encoded: boolean } {
  return typeof body === 'string' ? { body, isBase64Encoded: false } : { body: Buffer.from(body).toString('base64'), isBase64Encoded: true };
}

function answerOf(status: number, text: string): HttpResponse {
  return { status, headers: new Headers(), text: async () => text };
}

/** A token of the form that phones get, for this backend only. */
export function tokenOf(claims: Claims, more = ''): string {
  return `h${more}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;
}
