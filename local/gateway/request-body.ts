import type { IncomingMessage } from 'node:http';

/** The limit of HTTP APIs. */
export const LARGEST_BODY = 10 * 1024 * 1024;
/** The limit of HTTP APIs for request line and headers together. */
export const LARGEST_HEAD = 10_240;

/** The body, or undefined if it is over the limit (the rest is then not read). */
export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > LARGEST_BODY) return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Bytes of request line and headers as they were sent. */
export function headBytes(request: IncomingMessage): number {
  const line = `${request.method} ${request.url} HTTP/${request.httpVersion}\r\n`;
  const lines = request.rawHeaders.reduce((sum, part) => sum + Buffer.byteLength(part, 'latin1') + 2, 0);
  return Buffer.byteLength(line) + lines;
}
