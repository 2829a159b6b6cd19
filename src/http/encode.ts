import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Answer } from './event.ts';

/** Below this, compression costs more than it saves. */
const COMPRESS_FROM_BYTES = 1024;
/** Lambda's 6 MB count the body as an escaped string, up to twice its size; as base64 it is a third larger. */
const BASE64_FROM_BYTES = 2 * 1024 * 1024;

/** Brotli's fourth step is about as fast as gzip and smaller. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };

/**
 * An answer as the gateway takes it: JSON, compressed if the caller takes that and it pays, never cached; or bytes as they
 * are, with the headers that came with them.
 */
export function encode(answer: Answer, requestId: string, acceptEncoding: string | undefined): APIGatewayProxyStructuredResultV2 {
  const common = { 'x-content-type-options': 'nosniff', 'x-request-id': requestId, vary: 'Accept-Encoding', ...answer.headers };
  if (answer.body instanceof Uint8Array) {
    return { statusCode: answer.status, headers: common, body: Buffer.from(answer.body).toString('base64'), isBase64Encoded: true };
  }
  const text = JSON.stringify(answer.body);
  const bytes = Buffer.from(text);
  const coding = bytes.length >= COMPRESS_FROM_BYTES ? chosenCoding(acceptEncoding ?? '') : 'identity';
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store', ...common };
  const { status: statusCode } = answer;
  if (coding !== 'identity') {
    const packed = coding === 'br' ? brotliCompressSync(bytes, BROTLI) : gzipSync(bytes);
    return { statusCode, headers: { ...headers, 'content-encoding': coding }, body: packed.toString('base64'), isBase64Encoded: true };
  }
  if (bytes.length < BASE64_FROM_BYTES) return { statusCode, headers, body: text, isBase64Encoded: false };
  return { statusCode, headers, body: bytes.toString('base64'), isBase64Encoded: true };
}

/** Brotli, else gzip, of what `Accept-Encoding` (RFC 9110) allows; the caller's weights decide between them. */
export function chosenCoding(acceptEncoding: string): 'br' | 'gzip' | 'identity' {
  const weights = new Map<string, number>();
  for (const part of acceptEncoding.toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';').map((piece) => piece.trim());
    const q = parameters.find((parameter) => parameter.startsWith('q='));
    const weight = q === undefined ? 1 : Number(q.slice(2));
    weights.set(name === 'x-gzip' ? 'gzip' : name, Number.isFinite(weight) ? weight : 0);
  }
  const weigh = (name: string) => weights.get(name) ?? weights.get('*') ?? 0;
  const [br, gzip] = [weigh('br'), weigh('gzip')];
  if (br <= 0 && gzip <= 0) return 'identity';
  return br >= gzip ? 'br' : 'gzip';
}
