import { gunzipSync } from 'node:zlib';
import { SyncError } from '../service/errors.ts';
import type { HttpEvent } from './event.ts';
import { guardJson, type Guarded } from './json-guard.ts';

const JSON_TYPE = /^application\/([\w.+-]+\+)?json$/;

/**
 * The JSON object that a request carries, at most `most` bytes of UTF-8 (also once inflated), with what the guard found.
 * Each element of the list under `partsAt` is judged for itself.
 *
 * @throws SyncError `unsupported_media_type`, `too_large`, `malformed_json`, `malformed_request`.
 */
export function readJson(event: HttpEvent, most: number, partsAt?: string): Guarded & { value: object } {
  const { value, faults } = guardJson(readText(event, most), partsAt);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new SyncError('malformed_request', 'The body must be a JSON object.');
  }
  return { value, faults };
}

function readText(event: HttpEvent, most: number): string {
  if (event.body === undefined || event.body === '') throw new SyncError('malformed_request', 'This request needs a JSON body.');
  requireJson(event.headers['content-type'] ?? '');
  const encoding = event.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding !== 'identity' && encoding !== 'gzip') {
    throw new SyncError('unsupported_media_type', 'Bodies may be sent as they are or with `Content-Encoding: gzip`.');
  }
  const sent = Buffer.from(event.body, event.isBase64Encoded ? 'base64' : 'utf8');
  if (sent.length > most) throw tooLarge(most);
  const bytes = encoding === 'gzip' ? inflate(sent, most) : sent;
  // Text that the gateway already decoded keeps its lone surrogates, if any, for the guard to find.
  return event.isBase64Encoded ? decode(bytes) : event.body;
}

function requireJson(contentType: string): void {
  const [type = '', ...parameters] = contentType.toLowerCase().split(';').map((part) => part.trim());
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length).replaceAll('"', '');
  if (!JSON_TYPE.test(type) || (charset !== undefined && charset !== 'utf-8')) {
    throw new SyncError('unsupported_media_type', 'Send the body as `Content-Type: application/json`, in UTF-8.');
  }
}

function inflate(bytes: Buffer, most: number): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: most });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(most);
    throw new SyncError('malformed_request', 'The body is not valid gzip.');
  }
}

function decode(bytes: Buffer): string {
  try {
    // A byte order mark stays, and is refused as it is where the gateway decodes.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new SyncError('malformed_json', 'The body is not valid UTF-8.');
  }
}

function tooLarge(most: number): SyncError {
  return new SyncError('too_large', `The body may have at most ${most} bytes here.`);
}
