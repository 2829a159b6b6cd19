import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import type { Need } from '../access/requests.ts';

export interface S3Call {
  readonly method: string;
  /** `/bucket/key`. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface S3Answer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

export function splitPath(path: string): { bucket: string; key: string } {
  const [, bucket = '', ...rest] = path.split('/');
  return { bucket, key: decodeURIComponent(rest.join('/')) };
}

const ACTIONS: Readonly<Record<string, string>> = { GET: 's3:GetObject', HEAD: 's3:GetObject', PUT: 's3:PutObject', DELETE: 's3:DeleteObject' };

/** The permissions that a call needs; a copy also reads. */
export function s3Needs(method: string, path: string, copySource: string | string[] | undefined): Need[] {
  const arnOf = (of: string) => `arn:aws:s3:::${of.replace(/^\//, '')}`;
  const own = { action: ACTIONS[method] ?? `s3:${method}`, resource: arnOf(path) };
  return typeof copySource === 'string' ? [own, { action: 's3:GetObject', resource: arnOf(copySource) }] : [own];
}

const HOP_BY_HOP: ReadonlySet<string> = new Set(['host', 'connection', 'keep-alive', 'transfer-encoding', 'content-length', 'expect', 'authorization', 'date']);

/** Does it on the S3 behind. */
export async function forward(upstream: string, { method, path, headers, body }: S3Call): Promise<S3Answer> {
  const kept = Object.entries(headers).flatMap(([name, value]) =>
    typeof value === 'string' && !HOP_BY_HOP.has(name) ? [[name, value] as [string, string]] : []);
  const response = await fetch(`${upstream}${path}`, { method, headers: kept, ...(method === 'PUT' && { body: new Uint8Array(body) }) });
  const answer = Object.fromEntries([...response.headers].filter(([name]) => name === 'content-length' || !HOP_BY_HOP.has(name)));
  return { status: response.status, headers: answer, body: Buffer.from(await response.arrayBuffer()) };
}
