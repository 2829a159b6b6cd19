import { once } from 'node:events';
import { request } from 'node:http';
import { WebSocket } from 'ws';
import { LIVE_PROTOCOL } from '../../../src/protocol/live.ts';

/** How a handshake with these header lines was answered; a connection that it opened is cut again. */
export async function handshake(
  url: string, lines: readonly (readonly [string, string])[], path = '/live',
): Promise<{ status: number; protocol: string | undefined; text: string }> {
  const { hostname, port, host } = new URL(url);
  const headers = [
    ['host', host], ['connection', 'Upgrade'], ['upgrade', 'websocket'], ['sec-websocket-version', '13'],
    ['sec-websocket-key', 'dGhlIHNhbXBsZSBub25jZQ=='], ...lines,
  ].flat();
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, headers });
    sent.on('error', reject);
    sent.on('upgrade', (answer, socket) => {
      socket.destroy();
      resolve({ status: answer.statusCode ?? 0, protocol: answer.headers['sec-websocket-protocol'], text: JSON.stringify(answer.rawHeaders) });
    });
    sent.on('response', (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => resolve({
        status: answer.statusCode ?? 0,
        protocol: answer.headers['sec-websocket-protocol'],
        text: JSON.stringify(answer.rawHeaders) + Buffer.concat(parts).toString(),
      }));
    });
    sent.end();
  });
}

/** Somebody who is connected to `/live`, and what they heard. */
export class Listener {
  readonly socket: WebSocket;
  readonly heard: { type: string; scopes?: string[] }[] = [];
  /** Resolves when it is closed, with the code. */
  readonly closed: Promise<number>;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => this.heard.push(JSON.parse(data.toString()) as { type: string; scopes?: string[] }));
    this.closed = new Promise((resolve) => socket.once('close', resolve));
  }

  static async connect(liveUrl: string, token: string): Promise<Listener> {
    const socket = new WebSocket(liveUrl, [LIVE_PROTOCOL, `bearer.${token}`]);
    const listener = new Listener(socket);
    await once(socket, 'open');
    return listener;
  }

  /** Names of scopes, poke by poke. */
  get pokes(): string[][] {
    return this.heard.flatMap(({ type, scopes }) => (type === 'changed' ? [scopes ?? []] : []));
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }
}
