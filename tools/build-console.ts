import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';
import { KEPT_FOLDER } from '../lib/console-headers.ts';
import { packageOf } from './supply-chain/lockfile.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = join(ROOT, 'console');
const TARGET = join(ROOT, 'dist', 'console');

/** A file of the console: its path below the folder that is served, and what is in it. */
export type ConsoleFile = { path: string; contents: Uint8Array };

/** The page, its script and style, by names with a hash of their content; `config.json` is the deployment's own. */
export async function consoleFiles(): Promise<ConsoleFile[]> {
  const { outputFiles, metafile } = await build({
    entryPoints: [{ in: join(SOURCES, 'src', 'main.tsx'), out: 'main' }, { in: join(SOURCES, 'styles', 'style.css'), out: 'style' }],
    outdir: TARGET,
    absWorkingDir: ROOT,
    write: false,
    metafile: true,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: ['chrome123', 'firefox121', 'safari17.5'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    logLevel: 'warning',
  });
  const sources = [
    ...outputFiles.map(({ path, contents }) => ({ name: path.slice(TARGET.length + 1), contents })),
    { name: 'icon.svg', contents: await readFile(join(SOURCES, 'icon.svg')) },
    { name: 'licences.txt', contents: Buffer.from(await licences(metafile)) },
  ];
  const stamped = new Map(sources.map(({ name, contents }) => [name, `${KEPT_FOLDER}${stamp(name, contents)}`]));
  const page = (await readFile(join(SOURCES, 'index.html'), 'utf8')).replaceAll(/\{\{([\w.-]+)\}\}/g, (_, name: string) => {
    const path = stamped.get(name);
    if (path === undefined) throw new Error(`console/index.html refers to ${name}, which there is not`);
    return path;
  });
  return [
    { path: 'index.html', contents: Buffer.from(page) },
    ...sources.map(({ name, contents }) => ({ path: stamped.get(name)!, contents })),
  ];
}

/** Writes the console into `dist/console`, the page apart from what it loads, and returns the folder. */
export async function buildConsole(): Promise<string> {
  const files = await consoleFiles();
  const draft = `${TARGET}.${process.pid}.tmp`;
  for (const { path, contents } of files) {
    const target = join(draft, path.startsWith(KEPT_FOLDER) ? '' : 'page', path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, contents);
  }
  await rm(TARGET, { recursive: true, force: true });
  await rename(draft, TARGET);
  return TARGET;
}

function stamp(name: string, contents: Uint8Array): string {
  const hash = createHash('sha256').update(contents).digest('base64url').replaceAll(/[^A-Za-z0-9]/g, '').slice(0, 10);
  const extension = extname(name);
  return `${name.slice(0, -extension.length)}.${hash}${extension}`;
}

/** The licences of what the script is made of: they ask to be handed on with it. */
async function licences({ outputs }: Metafile): Promise<string> {
  const files = Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs));
  const names = [...new Set(files.map(packageOf))].filter((name) => name !== undefined).sort();
  const texts = names.map(async (name) => {
    const folder = join(ROOT, 'node_modules', name);
    const found = await Promise.all(['LICENSE', 'LICENSE.md', 'LICENCE'].map((file) => readFile(join(folder, file), 'utf8').catch(() => undefined)));
    const text = found.find((one) => one !== undefined);
    if (text === undefined) throw new Error(`${name} has no licence file`);
    return `${name}\n\n${text.trim()}\n`;
  });
  return (await Promise.all(texts)).join(`\n${'-'.repeat(72)}\n\n`);
}
