import { describe, expect, inject, it } from 'vitest';
import { civic } from '../../src/domain/civic.ts';
import { UPLOAD_EXAMPLE } from '../../src/domain/example.ts';
import { openApiDocument } from '../../src/openapi/document.ts';
import { citizen, stranger } from '../support/people.ts';

const { url } = inject('stack');
const get = (path: string, headers: Record<string, string> = {}) => fetch(new URL(path, url), { headers });

describe('the documentation', () => {
  it('has the OpenAPI document of the very schemas that validate, for anyone', async () => {
    const answer = await get('/openapi.json');
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(await answer.json()).toEqual(openApiDocument(civic, UPLOAD_EXAMPLE));
    const again = await get('/openapi.json', { 'if-none-match': answer.headers.get('etag') ?? '' });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });

  it('has a page, and all that the page loads', async () => {
    const page = await get('/docs');
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const loaded = [...(await page.text()).matchAll(/<(?:script src|link rel="stylesheet" href)="([^"]+)"/g)].map(([, href = '']) => href);
    expect(loaded).toHaveLength(4);
    for (const href of loaded) {
      const file = await get(new URL(href, page.url).pathname);
      expect([href, file.status, file.headers.get('cache-control')]).toEqual([href, 200, 'public, max-age=31536000, immutable']);
      expect((await file.text()).length).toBeGreaterThan(300);
    }
  });

  it('is where the type of a problem leads', async () => {
    const { api } = await citizen();
    const { type, code } = (await api.request('GET', 'sync/status')).body as { type: string; code: string };
    const { hash, pathname } = new URL(type, url);
    const page = await (await get(pathname)).text();
    expect(hash).toBe(`#${code}`);
    expect(page).toContain(`id="${code}"`);
  });

  it('answers like the rest where there is nothing', async () => {
    const missing = await stranger().request('GET', '/docs/nowhere');
    expect([missing.status, missing.body]).toEqual([404, expect.objectContaining({ code: 'not_found' })]);
    const wrong = await stranger().request('POST', '/openapi.json', { body: {} });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET']);
  });
});
