import { createHash } from 'node:crypto';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Permissions } from '../access/policies.ts';
import { machineAddresses } from '../addresses.ts';
import { isOwnPage } from '../gateway/cors.ts';
import { startOwnServer } from '../own-server.ts';
import type { BucketResource } from '../template/resources.ts';
import { ObjectsOnDisk } from './objects-on-disk.ts';
import { refusalOfLink, type Refusal } from './presigned.ts';
import { forward, s3Needs, splitPath, type S3Answer } from './s3-call.ts';

export interface ObjectServer {
  readonly endpoint: string;
  /** Calls that a function's role does not allow. */
  readonly refusals: readonly string[];
  permit(permissions: ReadonlyMap<string, Permissions>): void;
  /** Makes the template's buckets and puts back what lies on disk; tells `arrived` of every object that comes from then on. */
  open(buckets: readonly BucketResource[], arrived: (arrival: Arrival) => void): Promise<void>;
  stop(): Promise<void>;
}

export interface Arrival {
  readonly bucket: string;
  readonly key: string;
  readonly size: number;
}

export interface ObjectServerOptions {
  /** The S3 that takes whatever it is sent. */
  readonly upstream: string;
  /** Everyone's secret key. */
  readonly secret: string;
  /** Where objects are kept; nowhere for a stack in memory. */
  readonly folder: string | undefined;
  readonly checkAccess: boolean;
  /** Where it listens, and the name that links have for it. */
  readonly host: string;
  readonly address: string;
  onRefusal(caller: string, refusal: string): void;
}

const LARGEST_OBJECT = 11 * 1024 * 1024;
/** What a link may make the answer say, by parameters that are part of its signature. */
const OVERRIDES = ['content-type', 'content-disposition', 'cache-control'];

/**
 * Stands before the local S3 and does what the real one does and that one does not: signatures of links and their end,
 * signed headers, checksums, CORS, rights of the role that signed, events. So an app meets at home what it will meet.
 */
export async function startObjectServer(options: ObjectServerOptions): Promise<ObjectServer> {
  const server = new Server(options);
  const { port, stop } = await startOwnServer((request, response) => void server.answer(request, response), {}, options.host);
  return {
    endpoint: `http://${options.address}:${port}`,
    refusals: server.refusals,
    permit: (map) => { server.permissions = map; },
    open: (buckets, arrived) => server.open(buckets, arrived),
    stop,
  };
}

class Server {
  readonly refusals: string[] = [];
  permissions: ReadonlyMap<string, Permissions> = new Map();
  readonly #options: ObjectServerOptions;
  readonly #disk: ObjectsOnDisk;
  #buckets: readonly BucketResource[] = [];
  #arrived: (arrival: Arrival) => void = () => {};

  constructor(options: ObjectServerOptions) {
    this.#options = options;
    this.#disk = new ObjectsOnDisk(options.folder);
  }

  async open(buckets: readonly BucketResource[], arrived: (arrival: Arrival) => void): Promise<void> {
    this.#buckets = buckets;
    const { upstream } = this.#options;
    for (const { BucketName } of buckets) await forward(upstream, { method: 'PUT', path: `/${BucketName}`, headers: {}, body: Buffer.alloc(0) });
    for (const { path, headers, body } of await this.#disk.all()) await forward(upstream, { method: 'PUT', path, headers, body });
    this.#arrived = arrived;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const url = new URL(request.url ?? '/', 'http://local');
      const cors = this.#corsOf(url.pathname, request);
      const answer = await this.#judged(request, url);
      if (!request.complete) response.setHeader('connection', 'close');
      response.writeHead(answer.status, { ...answer.headers, ...cors });
      response.end(request.method === 'HEAD' ? undefined : answer.body);
      if (!request.complete) request.resume();
    } catch {
      // The one who asked is gone, in the middle of an upload perhaps: nothing was stored.
      response.destroy();
    }
  }

  async #judged(request: IncomingMessage, url: URL): Promise<S3Answer> {
    const { method = 'GET', headers } = request;
    if (method === 'OPTIONS') return { status: 200, headers: {}, body: Buffer.alloc(0) };
    const linked = url.searchParams.has('X-Amz-Signature');
    const refused = linked
      ? refusalOfLink({ method, path: url.pathname, query: url.searchParams, headers }, this.#options.secret, Date.now())
      : undefined;
    if (refused) return xml(refused);
    // Only links have their signatures verified: whoever else asks must be of this machine.
    if (!linked && !isOwn(request)) return xml({ status: 403, code: 'AccessDenied', message: 'Access Denied' });
    const credential = linked ? url.searchParams.get('X-Amz-Credential') : /Credential=([^,\s]+)/.exec(headers.authorization ?? '')?.[1];
    const caller = credential?.split('/')[0] ?? 'nobody';
    const denied = this.#denied(caller, method, url.pathname, headers);
    if (denied) return xml(denied);

    const body = await bodyOf(request);
    if (body === undefined) return xml({ status: 400, code: 'EntityTooLarge', message: 'Your proposed upload exceeds the maximum allowed size' });
    const checksum = headers['x-amz-checksum-sha256'];
    if (method === 'PUT' && checksum !== undefined && checksum !== createHash('sha256').update(body).digest('base64')) {
      return xml({ status: 400, code: 'BadDigest', message: 'The SHA256 you specified did not match the calculated checksum.' });
    }
    const answer = await forward(this.#options.upstream, { method, path: url.pathname, headers, body });
    if (answer.status < 300) await this.#note(method, url.pathname, headers, body);
    // Who may not list a bucket is not told what it lacks.
    const unseen = answer.status === 404 && !this.#may(caller, 's3:ListBucket', `arn:aws:s3:::${splitPath(url.pathname).bucket}`);
    if (unseen) return xml({ status: 403, code: 'AccessDenied', message: 'Access Denied' });
    return { ...answer, headers: { ...answer.headers, ...overrides(url.searchParams) } };
  }

  #denied(caller: string, method: string, path: string, headers: IncomingMessage['headers']): Refusal | undefined {
    const missing = s3Needs(method, path, headers['x-amz-copy-source']).find(({ action, resource }) => !this.#may(caller, action, resource));
    if (missing === undefined) return undefined;
    const words = `not authorized to perform ${missing.action} on ${missing.resource}`;
    this.refusals.push(`${caller}: ${words}`);
    this.#options.onRefusal(caller, words);
    return { status: 403, code: 'AccessDenied', message: 'Access Denied' };
  }

  #may(caller: string, action: string, resource: string): boolean {
    return !this.#options.checkAccess || this.permissions.get(caller)?.({ action, resource }) === true;
  }

  async #note(method: string, path: string, headers: IncomingMessage['headers'], body: Buffer): Promise<void> {
    const { bucket, key } = splitPath(path);
    const source = headers['x-amz-copy-source'];
    if (method === 'DELETE') await this.#disk.remove(path);
    else if (method === 'PUT' && typeof source === 'string') await this.#disk.copy(source, path);
    else if (method === 'PUT') await this.#disk.put(path, headers, body);
    if (method === 'PUT') this.#arrived({ bucket, key, size: body.length });
  }

  /** By the bucket's rules, and for every page that this machine serves itself. */
  #corsOf(path: string, request: IncomingMessage): OutgoingHttpHeaders {
    const { origin } = request.headers;
    const method = request.headers['access-control-request-method'] ?? request.method ?? '';
    const bucket = this.#buckets.find(({ BucketName }) => BucketName === splitPath(path).bucket);
    const rules = bucket?.CorsConfiguration?.CorsRules ?? [];
    const rule = rules.find(({ AllowedMethods }) => AllowedMethods.includes(method));
    if (origin === undefined || rule === undefined || !(rule.AllowedOrigins.includes(origin) || isOwnPage(origin, machineAddresses()))) return {};
    return {
      'access-control-allow-origin': origin,
      'access-control-allow-methods': rule.AllowedMethods.join(', '),
      'access-control-allow-headers': (rule.AllowedHeaders ?? []).join(', '),
      vary: 'Origin',
    };
  }
}

function isOwn({ socket }: IncomingMessage): boolean {
  const from = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  return from === '::1' || from.startsWith('127.') || machineAddresses().includes(from);
}

function overrides(query: URLSearchParams): OutgoingHttpHeaders {
  return Object.fromEntries(OVERRIDES.flatMap((name) => {
    const value = query.get(`response-${name}`);
    return value === null ? [] : [[name, value]];
  }));
}

function xml({ status, code, message }: Refusal): S3Answer {
  const body = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`);
  return { status, headers: { 'content-type': 'application/xml', 'content-length': body.length }, body };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_OBJECT) return undefined;
    chunks.push(chunk);
  }
  if (!request.complete) throw new Error('the upload was cut off');
  return Buffer.concat(chunks);
}
