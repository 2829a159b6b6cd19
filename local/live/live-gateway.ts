import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import type { ChaosHooks } from '../chaos/hooks.ts';
import { ownAnswer, type GatewayResponse } from '../gateway/response.ts';
import type { LocalFunction, Outcome } from '../lambda/local-function.ts';
import type { LiveResource } from '../template/resources.ts';
import { LARGEST_MESSAGE, type LocalConnections } from './connections.ts';

type Result = { statusCode?: number; headers?: Readonly<Record<string, string>>; body?: string } | null;
type Client = { readonly id: string; readonly connectedAt: number; readonly sourceIp: string };

/** The WebSocket API of the template: from a handshake, messages and a hang-up to the events that functions get. */
export class LiveGateway {
  readonly #live: LiveResource;
  readonly #functionOf: (arn: string) => LocalFunction;
  readonly #connections: LocalConnections;
  readonly #chaos: ChaosHooks['live'];
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: LARGEST_MESSAGE,
    // What the function answered, and nothing that it did not.
    handleProtocols: (_offered, request) => this.#selected.get(request) ?? false,
  });
  readonly #selected = new WeakMap<IncomingMessage, string>();
  #stopped = false;

  constructor(live: LiveResource, functionOf: (arn: string) => LocalFunction, connections: LocalConnections, chaos: ChaosHooks['live']) {
    this.#live = live;
    this.#functionOf = functionOf;
    this.#connections = connections;
    this.#chaos = chaos;
  }

  readonly upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', () => socket.destroy());
    this.#upgrade(request, socket, head).catch(() => socket.destroy());
  };

  stop(): void {
    this.#stopped = true;
    this.#connections.stop();
    this.#server.close();
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const client: Client = { id: this.#connections.newId(), connectedAt: Date.now(), sourceIp: request.socket.remoteAddress ?? '127.0.0.1' };
    const path = (request.url ?? '').split('?')[0];
    let admitted = false;
    const admit = async (): Promise<GatewayResponse> => {
      if (path !== `/${this.#live.stage}`) return ownAnswer(404, 'Not Found');
      const { statusCode = 500, headers = {} } = resultOf(await this.#invoke('$connect', client, connectEvent(request))) ?? {};
      admitted = statusCode >= 200 && statusCode < 300;
      const protocol = Object.entries(headers).find(([name]) => name.toLowerCase() === 'sec-websocket-protocol')?.[1];
      if (protocol !== undefined) this.#selected.set(request, protocol);
      return admitted ? { status: 101, headers: {}, body: Buffer.alloc(0) } : ownAnswer(statusCode, 'Refused');
    };
    const answer = await (this.#chaos?.(admit)(request) ?? admit());
    if (answer?.status !== 101) refuse(socket, answer ?? ownAnswer(404, 'Not Found'));
    if (answer?.status === 101 && !socket.destroyed) {
      this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#accept(client, webSocket));
    } else if (admitted) {
      // The function let them in, and they never heard of it.
      await this.#hungUp(client, 1006);
    }
  }

  #accept(client: Client, socket: WebSocket): void {
    this.#connections.add(client.id, socket);
    socket.on('message', (data) => void this.#heard(client, textOf(data)).catch(() => {}));
    socket.on('error', () => {});
    socket.once('close', (code) => {
      this.#connections.forget(client.id);
      void this.#hungUp(client, code).catch(() => {});
    });
  }

  async #heard(client: Client, body: string): Promise<void> {
    this.#connections.heard(client.id);
    const route = this.#route(actionOf(body)) ?? this.#route('$default');
    if (route === undefined) return;
    const outcome = await this.#invoke(route.routeKey, client, { body, isBase64Encoded: false }, 'MESSAGE');
    const result = resultOf(outcome);
    if (outcome?.kind === 'failed') this.#connections.send(client.id, JSON.stringify({ message: 'Internal server error', connectionId: client.id }));
    else if (route.returnsResponse && result?.body) this.#connections.send(client.id, result.body);
  }

  async #hungUp(client: Client, code: number): Promise<void> {
    if (!this.#stopped) await this.#invoke('$disconnect', client, { isBase64Encoded: false }, 'DISCONNECT', { disconnectStatusCode: code });
  }

  #route(routeKey: string | undefined) {
    return this.#live.routes.find((route) => route.routeKey === routeKey);
  }

  async #invoke(routeKey: string, client: Client, event: object, eventType = 'CONNECT', more: object = {}): Promise<Outcome | undefined> {
    const route = this.#route(routeKey);
    if (route === undefined) return undefined;
    const now = Date.now();
    return this.#functionOf(route.functionArn).invoke({
      ...event,
      requestContext: {
        routeKey,
        eventType,
        requestId: randomUUID(),
        extendedRequestId: randomUUID(),
        requestTime: new Date(now).toUTCString(),
        requestTimeEpoch: now,
        messageDirection: 'IN',
        stage: this.#live.stage,
        connectedAt: client.connectedAt,
        identity: { sourceIp: client.sourceIp },
        domainName: 'localhost',
        connectionId: client.id,
        apiId: this.#live.apiId,
        ...more,
      },
    });
  }
}

/** Names as they were sent; of a repeated one, `headers` has the last. */
function connectEvent({ rawHeaders }: IncomingMessage): object {
  const multiValueHeaders: Record<string, string[]> = {};
  for (let i = 0; i < rawHeaders.length; i += 2) (multiValueHeaders[rawHeaders[i]!] ??= []).push(rawHeaders[i + 1]!);
  const headers = Object.fromEntries(Object.entries(multiValueHeaders).map(([name, values]) => [name, values.at(-1)]));
  return { headers, multiValueHeaders, isBase64Encoded: false };
}

function resultOf(outcome: Outcome | undefined): Result {
  return outcome?.kind === 'ok' ? outcome.payload as Result : { statusCode: 500 };
}

/** The route is selected by `$request.body.action`. */
function actionOf(body: string): string | undefined {
  try {
    const { action } = JSON.parse(body) as { action?: unknown };
    return typeof action === 'string' ? action : undefined;
  } catch {
    return undefined;
  }
}

function textOf(data: RawData): string {
  return (Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer)).toString();
}

function refuse(socket: Duplex, { status, body }: GatewayResponse): void {
  if (socket.writable) socket.end(`HTTP/1.1 ${status} Refused\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body.toString()}`);
}
