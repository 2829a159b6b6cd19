import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { StartProblem } from '../start-problem.ts';
import { ownAnswer, type GatewayResponse } from './response.ts';

/** Undefined: not mine, ask the next. */
export type Answerer = (request: IncomingMessage) => Promise<GatewayResponse | undefined>;

/** Takes over the connection of a request that wants to become a WebSocket. */
export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export interface HttpServer {
  readonly port: number;
  /** Until this is called every request is answered with 503. */
  open(answerers: readonly Answerer[], upgrade?: Upgrade): void;
  /** Takes no more requests and waits for those under way, at most `patienceMs`. */
  stop(patienceMs: number): Promise<void>;
}

/** Listens first and answers later, so that an occupied port is noticed before anything else is started. */
export async function listen(port: number, host: string): Promise<HttpServer> {
  let answerers: readonly Answerer[] = [];
  let takeOver: Upgrade = (_request, socket) => socket.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n');
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    void answer(request, answerers).then(({ status, headers, body }) => {
      // What was not read of a refused body would be taken for the next request.
      if (!request.complete) response.setHeader('connection', 'close');
      response.writeHead(status, { ...headers, ...(status !== 204 && { 'content-length': body.length }) });
      response.end(request.method === 'HEAD' ? undefined : body);
      if (!request.complete) request.resume();
    });
  });
  server.on('clientError', refuse);
  server.on('upgrade', (request, socket, head) => takeOver(request, socket, head));
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    throw explain(error as NodeJS.ErrnoException, port, host);
  }
  return {
    port: (server.address() as AddressInfo).port,
    open(list, upgrade = takeOver) {
      answerers = list;
      takeOver = upgrade;
    },
    stop: (patienceMs) => stop(server, patienceMs),
  };
}

async function answer(request: IncomingMessage, answerers: readonly Answerer[]): Promise<GatewayResponse> {
  try {
    for (const next of answerers) {
      const response = await next(request);
      if (response !== undefined) return response;
    }
  } catch (error) {
    if (!request.destroyed) console.error(error);
  }
  return ownAnswer(503, 'Service Unavailable');
}

function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable) return;
  const [status, text] = error.code === 'HPE_HEADER_OVERFLOW'
    ? [431, 'Request Header Fields Too Large'] as const
    : [400, 'Bad Request'] as const;
  const body = JSON.stringify({ message: text });
  socket.end(`HTTP/1.1 ${status} ${text}\r\nconnection: close\r\ncontent-type: application/json\r\n`
    + `content-length: ${body.length}\r\n\r\n${body}`);
}

function explain(error: NodeJS.ErrnoException, port: number, host: string): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new StartProblem(`Port ${port} is in use. Stop what uses it, or choose another: PORT=${port + 1} npm start`);
    case 'EACCES':
      return new StartProblem(`Port ${port} needs more rights than you have. Choose one above 1023: PORT=3000 npm start`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new StartProblem(`HOST=${host} is no address of this machine. Use 127.0.0.1, or 0.0.0.0 for all.`);
    default:
      return error;
  }
}

async function stop(server: Server, patienceMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  // A connection is idle, and so may go, once its last answer is out.
  const sweep = setInterval(() => server.closeIdleConnections(), 20);
  const patience = setTimeout(() => server.closeAllConnections(), patienceMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(patience);
}
