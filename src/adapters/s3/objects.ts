import { SignatureV4 } from '@smithy/signature-v4';
import { Trouble } from '../../service/errors.ts';
import type { Clock } from '../../service/ports/clock.ts';
import type { ObjectPlace, Objects, SignedLink } from '../../service/ports/objects.ts';
import { troubleOf } from '../trouble.ts';
import { Sha256 } from './sha256.ts';

export type S3Config = {
  bucket: string;
  region: string;
  /** Other than AWS's own, for the local stack: then the bucket is part of the path. */
  endpoint?: string;
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  clock: Pick<Clock, 'now'>;
};

const TIMEOUT_MS = 5000;
const TRIES = 3;
const UNSIGNED = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } as const;
const CHECKSUM = 'x-amz-checksum-sha256';
const EXTENSIONS: Readonly<Record<string, string>> = { 'image/jpeg': 'jpg', 'image/png': 'png', 'image/webp': 'webp', 'image/heic': 'heic' };

type Request = { method: string; key: string; query?: Record<string, string>; headers?: Record<string, string> };

/**
 * The objects of attachments in S3. The library for signatures and four plain requests: S3's own client would be most of
 * a function.
 */
export function createObjects(config: S3Config): Objects {
  const { bucket, region, clock } = config;
  const base = new URL(config.endpoint === undefined ? `https://${bucket}.s3.${region}.amazonaws.com/` : `${config.endpoint}/${bucket}/`);
  const signer = new SignatureV4({ service: 's3', region, credentials: config.credentials, sha256: Sha256, uriEscapePath: false, applyChecksum: false });

  const requestOf = ({ method, key, query = {}, headers = {} }: Request) => ({
    method,
    protocol: base.protocol,
    hostname: base.hostname,
    ...(base.port === '' ? {} : { port: Number(base.port) }),
    path: base.pathname + key,
    query,
    headers: { host: base.host, ...headers },
  });

  async function linked(request: Request, seconds: number, asItIs: string[]): Promise<Pick<SignedLink, 'url' | 'expiresAt'>> {
    const at = Math.floor(clock.now() / 1000) * 1000;
    const signed = await signer.presign({ ...requestOf({ ...request, headers: { ...request.headers, ...UNSIGNED } }) }, {
      signingDate: new Date(at),
      expiresIn: seconds,
      unhoistableHeaders: new Set(asItIs),
      signableHeaders: new Set(['host', 'content-type', 'content-length']),
    });
    return { url: urlOf(base, signed), expiresAt: at + seconds * 1000 };
  }

  async function send(request: Request): Promise<{ status: number; headers: Headers; text: string }> {
    for (let attempt = 1; ; attempt++) {
      const what = `S3 ${request.method}`;
      try {
        const signed = await signer.sign(requestOf({ ...request, headers: { ...request.headers, ...UNSIGNED } }));
        const response = await fetch(urlOf(base, signed), {
          method: request.method,
          headers: Object.entries(signed.headers).filter(([name]) => name !== 'host'),
          signal: AbortSignal.timeout(TIMEOUT_MS),
        });
        const text = await response.text();
        if (response.ok || response.status === 404) return { status: response.status, headers: response.headers, text };
        throw new Trouble(`${what}: ${response.status}`, undefined);
      } catch (error) {
        // A refusal is an outage of the deployment: nothing that we ask for depends on who uploads what.
        if (attempt >= TRIES) throw error instanceof TypeError ? new Trouble(`${what}: no answer`, error) : troubleOf(what, error);
      }
    }
  }

  return {
    async linkToPut({ id, contentType, size, sha256 }, seconds) {
      const headers = { 'content-type': contentType, [CHECKSUM]: sha256 };
      const request = { method: 'PUT', key: keyOf('incoming', id), headers: { ...headers, 'content-length': String(size) } };
      // The length is what the phone's own HTTP says: no browser lets a page set it.
      return { ...(await linked(request, seconds, [CHECKSUM])), method: 'PUT', headers };
    },

    async linkToGet({ place, id, contentType }, seconds) {
      const query = {
        'response-content-type': contentType,
        // Shown by pages that ask for an image; opened by itself it is a file, never a page of this origin.
        'response-content-disposition': `attachment; filename="${id}.${EXTENSIONS[contentType] ?? 'bin'}"`,
        'response-cache-control': `private, max-age=${seconds}`,
      };
      return { ...(await linked({ method: 'GET', key: keyOf(place, id), query }, seconds, [])), method: 'GET', headers: {} };
    },

    async look(place, id) {
      const { status, headers } = await send({ method: 'HEAD', key: keyOf(place, id), headers: { 'x-amz-checksum-mode': 'ENABLED' } });
      if (status === 404) return undefined;
      return {
        size: Number(headers.get('content-length')),
        contentType: headers.get('content-type') ?? '',
        sha256: headers.get(CHECKSUM) ?? '',
        at: Date.parse(headers.get('last-modified') ?? '') || clock.now(),
      };
    },

    async keep(id) {
      const headers = { 'x-amz-copy-source': `/${bucket}/${keyOf('incoming', id)}` };
      const { status, text } = await send({ method: 'PUT', key: keyOf('photos', id), headers });
      if (status === 404) return false;
      // S3 may begin to answer 200 and then fail, in the body.
      if (!text.includes('<CopyObjectResult')) throw new Trouble('S3 CopyObject: failed after it began', undefined);
      return true;
    },

    async remove(place, id) {
      await send({ method: 'DELETE', key: keyOf(place, id) });
    },
  };
}

/** No user, no record: keys stand in S3's access logs. */
function keyOf(place: ObjectPlace, id: string): string {
  return `${place}/${id}`;
}

function urlOf(base: URL, request: { path: string; query?: Record<string, string | string[] | null> }): string {
  const query = Object.entries(request.query ?? {}).map(([name, value]) => `${escaped(name)}=${escaped(String(value))}`);
  return `${base.origin}${request.path}${query.length > 0 ? `?${query.join('&')}` : ''}`;
}

/** As signatures want it: everything but letters, digits and `-_.~`. */
function escaped(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
