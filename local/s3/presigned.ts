import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** What S3 checks of a link before anything else (AWS, "Authenticating Requests: Using Query Parameters", version 4). */
export type Presigned = {
  method: string;
  /** As sent, without the query. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
};

export type Refusal = { status: number; code: string; message: string };

const DENIED = (code: string, message: string): Refusal => ({ status: 403, code, message });

/** Nothing, if the signature is good and the link has not run out at `now` (ms). Everyone signs with the same `secret`. */
export function refusalOfLink({ method, path, query, headers }: Presigned, secret: string, now: number): Refusal | undefined {
  const asked = (name: string) => query.get(`X-Amz-${name}`) ?? '';
  const [, , day = '', region = '', service = '', end = ''] = /^([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/(aws4_request)$/.exec(asked('Credential')) ? ['', ...asked('Credential').split('/')] : [];
  const at = timeOf(asked('Date'));
  const seconds = Number(asked('Expires'));
  if (asked('Algorithm') !== 'AWS4-HMAC-SHA256' || end === '' || at === undefined || !(seconds > 0 && seconds <= 604_800)) {
    return { status: 400, code: 'AuthorizationQueryParametersError', message: 'Error parsing the X-Amz parameters' };
  }
  if (now > at + seconds * 1000) return DENIED('AccessDenied', 'Request has expired');
  if (now < at - 15 * 60_000) return DENIED('AccessDenied', 'Request is not valid yet');
  const names = asked('SignedHeaders').split(';');
  const missing = names.find((name) => headers[name] === undefined);
  // S3 also wants every header of its own to be signed.
  const unsigned = Object.keys(headers).find((name) => name.startsWith('x-amz-') && !names.includes(name));
  if (missing !== undefined || unsigned !== undefined) return DENIED('AccessDenied', 'There were headers present in the request which were not signed, or the other way round');
  const canonical = [
    method,
    path,
    [...query].filter(([name]) => name !== 'X-Amz-Signature').map(([name, value]) => `${escaped(name)}=${escaped(value)}`).sort().join('&'),
    ...names.map((name) => `${name}:${String(headers[name]).trim().replaceAll(/\s+/g, ' ')}`),
    '',
    names.join(';'),
    'UNSIGNED-PAYLOAD',
  ].join('\n');
  const text = ['AWS4-HMAC-SHA256', asked('Date'), `${day}/${region}/${service}/${end}`, createHash('sha256').update(canonical).digest('hex')].join('\n');
  const key = [day, region, service, end].reduce<string | Buffer>((from, part) => createHmac('sha256', from).update(part).digest(), `AWS4${secret}`);
  const signature = createHmac('sha256', key).update(text).digest();
  const given = Buffer.from(asked('Signature'), 'hex');
  if (given.length === signature.length && timingSafeEqual(given, signature)) return undefined;
  return DENIED('SignatureDoesNotMatch', 'The request signature we calculated does not match the signature you provided');
}

/** `20251019T103000Z` in ms. */
function timeOf(text: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  return parts === null ? undefined : Date.parse(`${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:${parts[6]}Z`);
}

function escaped(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
