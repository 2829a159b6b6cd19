import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { startOwnServer } from '../own-server.ts';
import { readCall, type ServiceCall } from './service-call.ts';
import type { WireAnswer } from './service-errors.ts';

/** The real service, as a fault may use it. */
export type Forward = (body?: Buffer) => Promise<WireAnswer>;

/** Answers one call, in whatever way. `lost`: without a word, the connection closes. */
export type Intercept = (call: ServiceCall, forward: Forward, gone: Promise<unknown>) => Promise<WireAnswer | { lost: true; cut?: WireAnswer }>;

/** Stands before a service of AWS on a loopback port of its own. */
export async function startFaultProxy(upstream: string, intercept: Intercept): Promise<{ endpoint: string; stop(): Promise<void> }> {
  const agent = new Agent({ keepAlive: true });
  const server = await startOwnServer((request, response) => {
    answer(request, response, upstream, agent, intercept).catch(() => request.socket.destroy());
  }, { keepAliveTimeout: 60_000 });
  return {
    endpoint: `http://127.0.0.1:${server.port}`,
    async stop() {
      await server.stop();
      agent.destroy();
    },
  };
}

async function answer(
  request: IncomingMessage, response: ServerResponse, upstream: string, agent: Agent, intercept: Intercept,
): Promise<void> {
  const gone = once(response, 'close');
  const bytes = await readAll(request);
  const forward: Forward = (body = bytes) => send(request, body, upstream, agent);
  const given = await intercept(readCall(request.headers, bytes), forward, gone);
  if (!('lost' in given)) {
    response.writeHead(given.status, { ...given.headers, 'content-length': given.body.length }).end(given.body);
    return;
  }
  const { cut } = given;
  if (cut) {
    response.writeHead(cut.status, { ...cut.headers, 'content-length': cut.body.length });
    await new Promise<void>((sent) => response.write(cut.body.subarray(0, Math.floor(cut.body.length / 2)), () => sent()));
  }
  request.socket.destroy();
}

async function send(request: IncomingMessage, body: Buffer, upstream: string, agent: Agent): Promise<WireAnswer> {
  const { 'transfer-encoding': _, ...headers } = request.headers;
  const forwarded = httpRequest(upstream, {
    method: request.method,
    path: request.url,
    headers: { ...headers, 'content-length': body.length },
    agent,
  });
  forwarded.end(body);
  const [received] = await once(forwarded, 'response') as [IncomingMessage];
  const { 'transfer-encoding': _encoding, connection: _connection, ...kept } = received.headers;
  return { status: received.statusCode!, headers: kept as Record<string, string>, body: await readAll(received) };
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
