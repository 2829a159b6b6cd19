import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildApp } from 'fauxqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startObjectServer, type Arrival, type ObjectServer } from '../../../local/s3/object-server.ts';
import { createObjects } from '../../../src/adapters/s3/objects.ts';

// The S3 of the local stack, with the adapter that talks to the real one: links are signed by the library for signatures
// and verified by code of our own.

const BUCKET = { BucketName: 'photos', CorsConfiguration: { CorsRules: [{ AllowedOrigins: ['https://app.example'], AllowedMethods: ['PUT', 'GET'], AllowedHeaders: ['content-type'] }] } };
const BYTES = Buffer.from('some bytes');
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('base64');
const OBJECT = { id: 'a-1', contentType: 'image/png', size: BYTES.length, sha256: sha256(BYTES) };

const folder = mkdtempSync(join(tmpdir(), 'fieldsync-objects-'));
const arrivals: Arrival[] = [];
let upstream: ReturnType<typeof buildApp>;
let server: ObjectServer;
let now = Date.now();

async function start(): Promise<void> {
  upstream = buildApp({ logger: false });
  server = await startObjectServer({ upstream: await upstream.listen({ host: '127.0.0.1', port: 0 }), secret: 's3cret', folder, checkAccess: true, host: '127.0.0.1', address: '127.0.0.1', onRefusal: () => {} });
  const may = (allowed: readonly string[]) => (need: { action: string; resource: string }) => allowed.includes(`${need.action} ${need.resource.replace('arn:aws:s3:::', '')}`);
  const all = ['incoming', 'photos'].flatMap((place) => ['a-1', 'a-2'].flatMap((id) => ['GetObject', 'PutObject', 'DeleteObject'].map((action) => `s3:${action} photos/${place}/${id}`)));
  server.permit(new Map([['check', may([...all, 's3:ListBucket photos'])], ['links', may(all)]]));
  await server.open([BUCKET], (arrival) => arrivals.push(arrival));
}

async function stop(): Promise<void> {
  await server.stop();
  await upstream.close();
}

const objectsOf = (accessKeyId: string, secretAccessKey = 's3cret') =>
  createObjects({ bucket: 'photos', region: 'eu-central-1', endpoint: server.endpoint, credentials: { accessKeyId, secretAccessKey, sessionToken: 'of a role' }, clock: { now: () => now } });

async function put(link: { url: string; headers: Record<string, string> }, bytes: Uint8Array = BYTES, more: Record<string, string> = {}): Promise<{ status: number; code: string | undefined }> {
  const response = await fetch(link.url, { method: 'PUT', headers: { ...link.headers, ...more }, body: new Uint8Array(bytes) });
  return { status: response.status, code: /<Code>(\w+)</.exec(await response.text())?.[1] };
}

beforeAll(start);
afterAll(async () => {
  await stop();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  now = Date.now();
  arrivals.length = 0;
});

describe('a link to send an object', () => {
  it('takes just these bytes, and tells of them', async () => {
    const objects = objectsOf('check');
    const link = await objects.linkToPut(OBJECT, 300);
    expect(link.expiresAt - now).toBeGreaterThan(298_000);
    expect(link.expiresAt - now).toBeLessThanOrEqual(300_000);
    expect(await put(link)).toEqual({ status: 200, code: undefined });
    expect(arrivals).toEqual([{ bucket: 'photos', key: 'incoming/a-1', size: BYTES.length }]);
    expect(await objects.look('incoming', 'a-1')).toEqual({ size: BYTES.length, contentType: 'image/png', sha256: OBJECT.sha256, at: expect.any(Number) });
  });

  it.each([
    ['of other content', Buffer.from('SOME BYTES'), {}, 400, 'BadDigest'],
    ['that are more', Buffer.from('some bytes!'), {}, 403, 'SignatureDoesNotMatch'],
    ['of another type', BYTES, { 'content-type': 'text/html' }, 403, 'SignatureDoesNotMatch'],
    ['with another checksum', Buffer.from('SOME BYTES'), { 'x-amz-checksum-sha256': sha256(Buffer.from('SOME BYTES')) }, 403, 'SignatureDoesNotMatch'],
    ['with a header that is not signed', BYTES, { 'x-amz-acl': 'public-read' }, 403, 'AccessDenied'],
  ])('refuses bytes %s', async (_, bytes, headers, status, code) => {
    expect(await put(await objectsOf('links').linkToPut(OBJECT, 300), bytes, headers)).toEqual({ status, code });
    expect(arrivals).toEqual([]);
  });

  it('refuses what leaves out the checksum, what was changed, and what a stranger signed', async () => {
    const link = await objectsOf('links').linkToPut(OBJECT, 300);
    expect(await put({ ...link, headers: { 'content-type': 'image/png' } })).toMatchObject({ status: 403, code: 'AccessDenied' });
    for (const url of [link.url.replace('a-1', 'a-2'), link.url.replace('Expires=300', 'Expires=3000'), link.url.replace('incoming', 'photos')]) {
      expect(await put({ ...link, url })).toEqual({ status: 403, code: 'SignatureDoesNotMatch' });
    }
    expect(await put(await objectsOf('links', 'guessed').linkToPut(OBJECT, 300))).toMatchObject({ code: 'SignatureDoesNotMatch' });
    expect(await put(await objectsOf('nobody').linkToPut(OBJECT, 300))).toEqual({ status: 403, code: 'AccessDenied' });
    expect(await put(await objectsOf('links').linkToPut({ ...OBJECT, id: 'a-3' }, 300))).toEqual({ status: 403, code: 'AccessDenied' });
    expect(server.refusals.at(-1)).toBe('links: not authorized to perform s3:PutObject on arn:aws:s3:::photos/incoming/a-3');
  });

  it('runs out', async () => {
    now = Date.now() - 301_000;
    expect(await put(await objectsOf('links').linkToPut(OBJECT, 300))).toEqual({ status: 403, code: 'AccessDenied' });
    now = Date.now() - 295_000;
    expect(await put(await objectsOf('links').linkToPut(OBJECT, 300))).toEqual({ status: 200, code: undefined });
  });
});

describe('what was sent', () => {
  it('is kept where nothing expires, seen through links as what it is, over a restart too, and removed', async () => {
    await put(await objectsOf('check').linkToPut(OBJECT, 300));
    expect(await objectsOf('check').keep('a-1')).toBe(true);
    await stop();
    await start();
    const objects = objectsOf('check');
    const { url } = await objects.linkToGet({ place: 'photos', id: 'a-1', contentType: 'image/png' }, 300);
    const response = await fetch(url);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(BYTES);
    expect(Object.fromEntries(response.headers)).toMatchObject({ 'content-type': 'image/png', 'content-disposition': 'attachment; filename="a-1.png"', 'cache-control': 'private, max-age=300' });
    expect((await fetch(url.replace('image%2Fpng', 'text%2Fhtml'))).status).toBe(403);
    expect(await objects.look('photos', 'a-1')).toMatchObject({ sha256: OBJECT.sha256, contentType: 'image/png' });
    await objects.remove('photos', 'a-1');
    await objects.remove('photos', 'a-1');
    expect(await objects.look('photos', 'a-1')).toBeUndefined();
    expect(await objects.look('incoming', 'a-1')).toBeDefined();
  });

  it('and what was not are told apart only by who may list', async () => {
    expect(await objectsOf('check').look('incoming', 'a-2')).toBeUndefined();
    expect(await objectsOf('check').keep('a-2')).toBe(false);
    await expect(objectsOf('links').look('incoming', 'a-2')).rejects.toMatchObject({ name: 'Trouble' });
  });

  it('comes from pages of the configured origins and of this machine', async () => {
    const { url } = await objectsOf('links').linkToPut(OBJECT, 300);
    const ask = async (origin: string, method: string) =>
      (await fetch(url, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': method } })).headers.get('access-control-allow-origin');
    expect(await ask('https://app.example', 'PUT')).toBe('https://app.example');
    expect(await ask('http://localhost:8081', 'PUT')).toBe('http://localhost:8081');
    expect(await ask('https://evil.example', 'PUT')).toBeNull();
    expect(await ask('https://app.example', 'DELETE')).toBeNull();
  });
});
