import { brotliDecompressSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../../../src/protocol/error-codes.ts';
import { MANIFEST, type Manifest } from '../../../src/http/site.ts';
import { textPage } from '../../../tools/site/text-page.ts';
import { siteFiles } from '../../../tools/site/build-site.ts';

let manifest: Manifest;
const pages = new Map<string, string>();

beforeAll(async () => {
  const files = new Map((await siteFiles()).map(({ name, contents }) => [name, contents]));
  manifest = JSON.parse(Buffer.from(files.get(MANIFEST)?.() ?? '').toString()) as Manifest;
  for (const [path, { file, type }] of Object.entries(manifest)) {
    if (type.startsWith('text/html')) pages.set(path, brotliDecompressSync(files.get(file)?.() ?? '').toString());
  }
});

/** Where a link of a page leads: a path of the site, and an anchor. */
function targetsOf(path: string, html: string): { path: string; anchor: string; href: string }[] {
  return [...html.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, href = '']) => {
    const { host, pathname, hash } = new URL(href, `http://site/${path}`);
    return { path: host === 'site' ? pathname.slice(1) : '(elsewhere)', anchor: hash.slice(1), href };
  }).filter(({ href }) => href !== 'data:,');
}

describe('the documentation that is served', () => {
  it('has pages, whose links and files are all there', () => {
    expect([...pages.keys()].toSorted()).toEqual(['docs', 'docs/errors', 'docs/protocol']);
    const broken = [...pages].flatMap(([path, html]) => targetsOf(path, html)
      .filter((target) => {
        if (!Object.hasOwn(manifest, target.path)) return true;
        return target.anchor !== '' && !pages.get(target.path)?.includes(`id="${target.anchor}"`);
      }).map(({ href }) => `${path}: ${href}`));
    expect(broken).toEqual([]);
  });

  it('runs no script and no style of the page itself: the policy forbids them', () => {
    for (const [path, html] of pages) expect([path, html.match(/<script(?![^>]+src=)|<style|\son\w+=|\sstyle=/)]).toEqual([path, null]);
  });

  it('explains every code where the type of a problem leads', () => {
    const missing = Object.keys(ERROR_CODES).filter((code) => !pages.get('docs/errors')?.includes(`<tr id="${code}">`));
    expect(missing).toEqual([]);
  });

  it('lets others keep only files whose names change with their content', () => {
    for (const [path, { forever, etag }] of Object.entries(manifest)) expect([path, path.includes(etag)]).toEqual([path, forever]);
  });
});

describe('a page of docs/', () => {
  it('keeps links to pages that are served, and only the words of others', () => {
    const { title, html } = textPage('# One & two\n\nSee [a](errors.md#x), [b](runbook.md), [c](#d), [e](../README.md).');
    expect(title).toBe('One & two');
    expect(html).toContain('See <a href="errors#x">a</a>, b, <a href="#d">c</a>, e.');
  });

  it('gives an anchor once', () => {
    const { html } = textPage('## A b\n\n| c | d |\n|---|---|\n| `x` | 1 |\n| `x` | 2 |\n| y | 3 |\n');
    expect(html.match(/id="[^"]*"/g)).toEqual(['id="a-b"', 'id="x"']);
  });
});
