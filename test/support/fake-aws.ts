import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the fake does with a request: an answer, or none. */
export type Answer =
  | { status: number; body: unknown }
  /** Closes the connection: before an answer, or in the middle of one. */
  | 'reset'
  | 'cut off'
  /** Never answers. */
  | 'silence';

export type Request = { operation: string; input: Record<string, unknown> };

export type FakeAws = {
  endpoint: string;
  /** All that was asked. */
  requests: Request[];
  stop(): Promise<void>;
};

/** A service of AWS's JSON protocols that answers as a test says, on a loopback port. */
export async function startFakeAws(answer: (request: Request, nth: number) => Answer): Promise<FakeAws> {
  const requests: Request[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((text) => {
      const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
      const asked = { operation, input: JSON.parse(text) as Record<string, unknown> };
      requests.push(asked);
      const given = answer(asked, requests.length - 1);
      if (given === 'silence') return;
      if (given === 'reset') return void request.socket.destroy();
      if (given === 'cut off') {
        response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0', 'content-length': '1000' });
        response.write('{"Item":');
        setImmediate(() => request.socket.destroy());
        return;
      }
      response.writeHead(given.status, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(typeof given.body === 'string' ? given.body : JSON.stringify(given.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}`, requests, stop: () => close(server) };
}

/** A refusal as DynamoDB and SQS write it. */
export function refusal(status: number, type: string): Answer {
  return { status, body: { __type: `com.amazonaws.service#${type}`, message: 'no' } };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
