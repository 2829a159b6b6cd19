import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSockets, createSocketsClient } from '../../../src/adapters/apigateway/sockets.ts';
import type { Sockets } from '../../../src/service/ports/sockets.ts';

// A management endpoint that answers as a test says.

let server: Server;
let sockets: Sockets;
let answer: { status: number; type?: string } | 'silence' = { status: 200 };
const asked: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      asked.push(`${request.method} ${request.url} ${Buffer.concat(parts).toString()}`.trim());
      if (answer === 'silence') return;
      response.writeHead(answer.status, { 'content-type': 'application/json', ...(answer.type && { 'x-amzn-errortype': answer.type }) });
      response.end(answer.status === 200 ? '' : '{"message":"no"}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  sockets = createSockets(createSocketsClient(`http://127.0.0.1:${port}/live`, {
    region: 'eu-central-1', credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  }));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked.length = 0;
  answer = { status: 200 };
});

describe('connections of API Gateway', () => {
  it('are sent to and closed at the stage’s own endpoint, by ids that paths must encode', async () => {
    expect(await sockets.send('ab/c+d=', '{"type":"pong"}')).toBe('sent');
    await sockets.close('ab/c+d=');
    expect(asked).toEqual(['POST /live/@connections/ab%2Fc%2Bd%3D {"type":"pong"}', 'DELETE /live/@connections/ab%2Fc%2Bd%3D']);
  });

  it('may be gone: that is no trouble', async () => {
    answer = { status: 410, type: 'GoneException' };
    expect(await sockets.send('a', 'x')).toBe('gone');
    await sockets.close('a');
    expect(asked).toHaveLength(2);
  });

  it.each([[429, 'LimitExceededException'], [403, 'ForbiddenException'], [500, 'InternalServerErrorException']])('%i is trouble', async (status, type) => {
    answer = { status, type };
    await expect(sockets.send('a', 'x')).rejects.toMatchObject({ name: 'Trouble', message: expect.stringContaining('PostToConnection') });
    await expect(sockets.close('a')).rejects.toMatchObject({ name: 'Trouble' });
  });

  it('are given up when nothing is heard, after two tries', async () => {
    answer = 'silence';
    await expect(sockets.send('a', 'x')).rejects.toMatchObject({ name: 'Trouble' });
    expect(asked).toHaveLength(2);
  });
});
