import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { GatewayResponse } from '../../local/gateway/response.ts';
import { matchRoute } from '../../local/gateway/routes.ts';
import type { Answerer } from '../../local/gateway/server.ts';
import { civic } from '../../src/domain/civic.ts';
import { UPLOAD_EXAMPLE } from '../../src/domain/example.ts';
import { openApiDocument } from '../../src/openapi/document.ts';
import { refTo } from '../../src/openapi/components.ts';
import type { Schema } from '../../src/openapi/json-schema.ts';
import { ClosedSchemas } from './closed-schemas.ts';

type Answer = Schema & { content?: Record<string, { schema?: Schema }> };

/** Holds every answer of an API to the OpenAPI document, and notes which routes and statuses were seen. */
export class ContractRecorder {
  readonly #document = openApiDocument(civic, UPLOAD_EXAMPLE);
  readonly #schemas = new ClosedSchemas(this.#document);
  readonly #seen = new Set<string>();
  readonly #violations = new Map<string, string[]>();
  answers = 0;

  /** Stands before the API; changes nothing. */
  before(api: Answerer): Answerer {
    return async (request) => {
      const response = await api(request);
      if (response !== undefined) this.#record(request, response);
      return response;
    };
  }

  /** Answers that the document does not have, each kind once, with what is wrong. */
  get violations(): string[] {
    return [...this.#violations].map(([answer, faults]) => `${answer}: ${faults.slice(0, 5).join('; ')}`);
  }

  /** `POST /path`, of the document, that nobody called. */
  get routesNotSeen(): string[] {
    return this.#routes().filter((route) => ![...this.#seen].some((seen) => seen.startsWith(`${route} `)));
  }

  /** `POST /path 413`, of the document, that no answer had; the gateway's own aside. */
  get statusesNotSeen(): string[] {
    const told = this.#routes().flatMap((route) => Object.entries(this.#responses(route))
      .filter(([status, answer]) => status !== 'default' && !isOfGateway(answer)).map(([status]) => `${route} ${status}`));
    return told.filter((entry) => !this.#seen.has(entry));
  }

  #record(request: IncomingMessage, response: GatewayResponse): void {
    const [path = '/'] = (request.url ?? '/').split('?');
    const method = request.method ?? 'GET';
    this.answers += 1;
    if (method === 'OPTIONS') return; // the gateway's: the document is about functions
    const route = this.#routeOf(method, path);
    const name = `${route ?? 'no route'} ${response.status}`;
    this.#seen.add(name);
    let faults: string[];
    try {
      faults = route === undefined ? this.#faultsOfNoRoute(response) : this.#faults(route, response);
    } catch (error) {
      faults = [String(error)];
    }
    if (faults.length > 0) this.#violations.set(name, faults);
  }

  #faults(route: string, response: GatewayResponse): string[] {
    const responses = this.#responses(route);
    const told = responses[response.status] ?? responses['default'];
    const type = typeOf(response.headers);
    if (response.status === 304) return told?.content === undefined && response.body.length === 0 ? [] : ['304 has a body'];
    const content = told?.content?.[type] ?? told?.content?.['*/*'];
    if (content === undefined) return [`${type} is not documented`];
    return [
      ...(content.schema === undefined ? [] : this.#schemas.faults(content.schema, jsonOf(response))),
      ...faultsOfHeaders(response, type),
    ];
  }

  /** Whoever asks for what there is not gets a problem; the gateway has its own words for what it can't even read. */
  #faultsOfNoRoute(response: GatewayResponse): string[] {
    const unreadable = [400, 413, 431].includes(response.status) && typeOf(response.headers) === 'application/json';
    if (unreadable) return this.#schemas.faults(refTo('GatewayMessage'), jsonOf(response));
    if (![404, 405].includes(response.status)) return ['only 404 and 405 are expected'];
    return [...this.#schemas.faults(refTo('Problem'), jsonOf(response)), ...faultsOfHeaders(response, typeOf(response.headers))];
  }

  #routes(): string[] {
    return Object.entries(this.#document.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`));
  }

  #responses(route: string): Record<string, Answer | undefined> {
    const [method = '', path = ''] = route.split(' ');
    return (this.#document.paths[path]?.[method.toLowerCase()]?.responses ?? {}) as Record<string, Answer | undefined>;
  }

  #routeOf(method: string, path: string): string | undefined {
    const routes = this.#routes().map((routeKey) => ({ routeKey, functionArn: '', timeoutMs: 0 }));
    return matchRoute(routes, method, decodedPath(path))?.route.routeKey;
  }
}

/** An answer that only the gateway gives. */
function isOfGateway(answer: Answer | undefined): boolean {
  return Object.values(answer?.content ?? {}).every(({ schema }) => schema?.['$ref'] === refTo('GatewayMessage')['$ref']) && answer?.content !== undefined;
}

function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function typeOf(headers: OutgoingHttpHeaders): string {
  return String(headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';
}

function jsonOf({ headers, body }: GatewayResponse): unknown {
  const coding = headers['content-encoding'];
  const bytes = coding === 'br' ? brotliDecompressSync(body) : coding === 'gzip' ? gunzipSync(body) : body;
  return JSON.parse(bytes.toString());
}

/** A function names the request in every answer, and twice in a problem; what can be repeated says when. */
function faultsOfHeaders(response: GatewayResponse, type: string): string[] {
  const { status, headers } = response;
  const id = headers['x-request-id'];
  const faults: string[] = [];
  if (type !== 'application/problem+json') {
    const ownWords = status >= 400;
    if (id === undefined && !ownWords) faults.push('no x-request-id');
    return faults;
  }
  const { request_id: named } = jsonOf(response) as { request_id?: unknown };
  if (id === undefined || id !== named) faults.push('request_id is not that of the header');
  if ((status === 429 || status === 503) !== (headers['retry-after'] !== undefined)) faults.push('Retry-After');
  if ((status === 401) !== (headers['www-authenticate'] !== undefined)) faults.push('WWW-Authenticate');
  return faults;
}
