import { brotliDecompressSync, gzipSync } from 'node:zlib';
import { SyncError } from '../../service/errors.ts';
import { chosenCoding } from '../encode.ts';
import type { Answer, HttpEvent } from '../event.ts';
import type { Site } from '../site.ts';

/** Pages load nothing from elsewhere, run no script but ours, and stand in nobody's frame. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const DAYS_365_S = 365 * 24 * 3600;

/**
 * `GET /openapi.json`, `GET /docs` and the files below it. Names of files that others may cache for ever have a hash of
 * their content; the rest is asked for again each time, and answered 304 while it is the same.
 */
export function documentation(site: Site): (event: HttpEvent) => Answer {
  return (event) => {
    const found = site.at(pathOf(event));
    if (!found) throw new SyncError('not_found', 'The documentation has no such page.');
    const coding = chosenCoding(event.headers['accept-encoding'] ?? '');
    const etag = `W/"${found.etag}"`;
    const headers = {
      'content-type': found.type,
      'cache-control': found.forever ? `public, max-age=${DAYS_365_S}, immutable` : 'no-cache',
      etag,
      'content-security-policy': POLICY,
      'referrer-policy': 'no-referrer',
    };
    if (isKnown(event.headers['if-none-match'], etag)) return { status: 304, body: new Uint8Array(), headers };
    const body = encoded(found.brotli, coding);
    return { status: 200, body, headers: coding === 'identity' ? headers : { ...headers, 'content-encoding': coding } };
  };
}

/** By the route, not the raw path: that may have a stage or a mapping of a domain before it. */
function pathOf({ routeKey, pathParameters }: HttpEvent): string {
  const path = routeKey.slice('GET /'.length);
  return path.replace('{file}', pathParameters?.['file'] ?? '');
}

function encoded(brotli: Buffer, coding: 'br' | 'gzip' | 'identity'): Uint8Array {
  if (coding === 'br') return brotli;
  const bytes = brotliDecompressSync(brotli);
  return coding === 'gzip' ? gzipSync(bytes) : bytes;
}

function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  return (ifNoneMatch ?? '').split(',').some((given) => given.trim() === etag);
}
