import { Agent, request } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { RawRequest } from './edge.ts';

export type RawAnswer = { status: number; headers: Readonly<Record<string, string | undefined>>; text: string };

/** Sends requests as they are, repeated headers and odd targets included, over connections that it keeps. */
export class RawHttp {
  readonly #url: URL;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 4 });

  constructor(url: string) {
    this.#url = new URL(url);
  }

  send({ method, target, headers, body }: RawRequest): Promise<RawAnswer> {
    const { hostname, port, host } = this.#url;
    const lines = [['host', host], ...headers, ...(body ? [['content-length', String(body.length)]] : [])];
    return new Promise((resolve, reject) => {
      const sent = request({ hostname, port, method, path: target, headers: lines.flat(), agent: this.#agent }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const named = Object.fromEntries(Object.entries(answer.headersDistinct).map(([name, values]) => [name, values?.join(', ')]));
          resolve({ status: answer.statusCode ?? 0, headers: named, text: inflated(Buffer.concat(chunks), named['content-encoding']) });
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function inflated(bytes: Buffer, coding: string | undefined): string {
  return (coding === 'br' ? brotliDecompressSync(bytes) : coding === 'gzip' ? gunzipSync(bytes) : bytes).toString();
}
