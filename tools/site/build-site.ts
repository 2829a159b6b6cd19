import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
import { civic } from '../../src/domain/civic.ts';
import { UPLOAD_EXAMPLE } from '../../src/domain/example.ts';
import { MANIFEST, type SiteFile } from '../../src/http/site.ts';
import { openApiDocument } from '../../src/openapi/document.ts';
import { TEXT_PAGES, textPage } from './text-page.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SWAGGER_UI = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
};

/** A file to write: its name below the site's folder, and its content once it is needed. */
export type Written = { name: string; contents: () => Uint8Array };

/**
 * Everything that `GET /openapi.json` and `GET /docs` serve, and the manifest that names it. Contents are in brotli; the
 * name of a file has a hash of what is in it, so that a file that is there already need not be made again.
 */
export async function siteFiles(): Promise<Written[]> {
  const manifest: Record<string, SiteFile> = {};
  const files: Written[] = [];
  const add = (path: string, name: string, text: string, forever: boolean) => {
    const hash = hashOf(text);
    const file = `${hash}${extname(name)}.br`;
    manifest[path] = { file, type: TYPES[extname(name)] ?? 'application/octet-stream', etag: hash, forever };
    files.push({ name: file, contents: () => compressed(text) });
  };

  const assets: Record<string, string> = {};
  for (const [name, text] of Object.entries(await assetTexts())) {
    const stamped = `${name.slice(0, -extname(name).length)}.${hashOf(text)}${extname(name)}`;
    assets[name] = stamped;
    add(`docs/${stamped}`, name, text, true);
  }
  const page = async (template: string, values: Record<string, string>) => filled(await source(`docs/page/${template}`), values);
  const below = Object.fromEntries(Object.entries(assets).map(([name, stamped]) => [name, `docs/${stamped}`]));
  add('docs', 'index.html', await page('index.html', below), false);
  for (const name of TEXT_PAGES) {
    const { title, html } = textPage(await source(`docs/${name}.md`));
    add(`docs/${name}`, 'text.html', await page('text.html', { ...assets, title, text: html }), false);
  }
  add('openapi.json', 'openapi.json', JSON.stringify(openApiDocument(civic, UPLOAD_EXAMPLE)), false);
  files.push({ name: MANIFEST, contents: () => Buffer.from(JSON.stringify(manifest)) });
  return files;
}

/** What pages refer to, by the names that they use. */
async function assetTexts(): Promise<Record<string, string>> {
  const ofSwagger = (name: string) => readFile(join(SWAGGER_UI, name), 'utf8');
  const [script, style, ...licences] = await Promise.all(
    ['swagger-ui-bundle.js', 'swagger-ui.css', 'NOTICE', 'LICENSE', 'swagger-ui-bundle.js.LICENSE.txt'].map(ofSwagger),
  );
  return {
    'swagger-ui-bundle.js': withoutSourceMap(script ?? ''),
    'swagger-ui.css': withoutSourceMap(style ?? ''),
    'LICENSE.txt': licences.join('\n'),
    'page.css': await source('docs/page/page.css'),
    'page.js': await source('docs/page/page.js'),
  };
}

const source = (path: string) => readFile(join(ROOT, path), 'utf8');

/** The maps are not served. */
function withoutSourceMap(text: string): string {
  return text.replace(/\n(?:\/\/# sourceMappingURL=\S+|\/\*# sourceMappingURL=\S+ ?\*\/)\s*$/, '\n');
}

function filled(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{\{([\w.-]+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`a page refers to ${name}, which there is not`);
    return value;
  });
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 12);
}

function compressed(text: string): Uint8Array {
  return brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } });
}
