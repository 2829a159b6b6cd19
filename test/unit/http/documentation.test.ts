import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { documentation } from '../../../src/http/endpoints/docs.ts';
import { publicHandler } from '../../../src/http/handler.ts';
import { MANIFEST, Site, SITE_FOLDER } from '../../../src/http/site.ts';
import { bodyJson, bodyText, httpEvent, INVOCATION, testRuntime } from '../../support/http.ts';

const PAGE = '<!doctype html><title>Documentation</title>';

function site(): Site {
  const folder = mkdtempSync(join(tmpdir(), 'fieldsync-site-'));
  mkdirSync(join(folder, SITE_FOLDER));
  writeFileSync(join(folder, SITE_FOLDER, 'page.br'), brotliCompressSync(PAGE));
  writeFileSync(join(folder, 'secret'), 'not of the site');
  const file = { file: 'page.br', type: 'text/html; charset=utf-8', etag: 'abc', forever: false };
  writeFileSync(join(folder, SITE_FOLDER, MANIFEST), JSON.stringify({ docs: file, 'docs/page.abc.html': { ...file, forever: true } }));
  return new Site(folder);
}

const handler = publicHandler(testRuntime(), documentation(site()));
const get = (headers: Record<string, string> = {}) => handler(httpEvent('GET /docs', { headers }), INVOCATION);
const getFile = (file: string) => handler(httpEvent('GET /docs/{file}', { headers: {}, pathParameters: { file } }), INVOCATION);

describe('a page of the documentation', () => {
  it.each([['br', 'br'], ['gzip', 'gzip'], ['gzip;q=1, br;q=0.5', 'gzip'], ['identity', undefined], ['', undefined]])(
    'comes whole to who accepts %j', async (accepted, coding) => {
      const answer = await get({ 'accept-encoding': accepted });
      expect(answer).toMatchObject({ statusCode: 200, headers: { 'content-type': 'text/html; charset=utf-8', vary: 'Accept-Encoding' } });
      expect(answer.headers?.['content-encoding']).toBe(coding);
      expect(bodyText(answer)).toBe(PAGE);
    },
  );

  it('may run only scripts of ours, and stand in no frame', async () => {
    const policy = String((await get()).headers?.['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|http|\*/);
  });

  it('is not sent again to who has it', async () => {
    const etag = String((await get()).headers?.['etag']);
    const answer = await get({ 'if-none-match': `"other", ${etag}` });
    expect(answer).toMatchObject({ statusCode: 304, body: '', headers: { etag } });
  });

  it('is asked for again, unless its name changes with its content', async () => {
    expect((await get()).headers?.['cache-control']).toBe('no-cache');
    expect((await getFile('page.abc.html')).headers?.['cache-control']).toBe('public, max-age=31536000, immutable');
  });

  it.each(['nowhere', '', '../manifest.json', 'manifest.json', '..%2fsecret', '../../secret', '__proto__', 'constructor', 'page.br'])(
    'is 404 for %j', async (file) => {
      const answer = await getFile(file);
      expect(answer).toMatchObject({ statusCode: 404, headers: { 'content-type': 'application/problem+json' } });
      expect(bodyJson(answer)).toMatchObject({ code: 'not_found' });
    },
  );
});
