import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A page of the documentation. `path` is relative to the project. */
export type Document = { path: string; text: string };

/** README.md, SECURITY.md and every page below docs/. */
export function documents(): Document[] {
  const pages = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.md'));
  return ['README.md', 'SECURITY.md', ...pages.map((path) => join('docs', path))].map(document);
}

export function document(path: string): Document {
  return { path, text: readFileSync(join(ROOT, path), 'utf8') };
}

/** Places that the page links to within the project: path relative to it, and heading. */
export function linksOf({ path, text }: Document): { target: string; heading: string | undefined }[] {
  const links = [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => {
      const [file = '', heading] = link.split('#');
      const target = file === '' ? path : relative(ROOT, resolve(ROOT, dirname(path), file));
      return { target, heading };
    });
}

/** Anchors of the page's headings, as GitHub makes them. */
export function anchorsOf({ text }: Document): string[] {
  return [...withoutCode(text).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-'),
  );
}

/** Cells of the table rows below a heading, down to the next heading; without the header and its line. */
export function tableUnder({ text }: Document, heading: string): string[][] {
  const [, section = ''] = text.split(new RegExp(`^#+ ${escaped(heading)}$`, 'm'));
  const lines = (section.split(/^#/m)[0] ?? '').split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim().replaceAll('`', '')));
}

/** Code of the block behind `<!-- checked: name -->`. */
export function checkedBlock({ text }: Document, name: string): string {
  const found = new RegExp(`<!-- checked: ${escaped(name)} -->\\n\`\`\`\\w+\\n(.*?)\`\`\``, 's').exec(text);
  if (!found?.[1]) throw new Error(`no block "${name}"`);
  return found[1];
}

function withoutCode(text: string): string {
  return text.replaceAll(/^```.*?^```/gms, '');
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
