import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What the package offers, by the names in its package.json. */
export const ENTRIES: Readonly<Record<string, string>> = {
  index: 'client/index.ts',
  memory: 'client/stores/memory.ts',
  sqlite: 'client/stores/sqlite.ts',
  indexeddb: 'client/stores/indexeddb.ts',
  rxdb: 'client/adapters/rxdb.ts',
  watermelondb: 'client/adapters/watermelondb.ts',
  'tanstack-db': 'client/adapters/tanstack-db.ts',
};

/** Builds @fieldsync/client into `target`: one ES module per entry, and the declarations that they reach. */
export async function buildClient(target = join(ROOT, 'client', 'dist')): Promise<string> {
  await rm(target, { recursive: true, force: true });
  await Promise.all([
    build({
      entryPoints: Object.entries(ENTRIES).map(([out, file]) => ({ in: join(ROOT, file), out })),
      outdir: target,
      absWorkingDir: ROOT,
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'neutral',
      target: 'es2022',
      // The libraries that adapters are for are the app's own.
      packages: 'external',
      legalComments: 'none',
      logLevel: 'warning',
    }),
    writeDeclarations(target),
  ]);
  return target;
}

async function writeDeclarations(target: string): Promise<void> {
  const all = await mkdtemp(join(tmpdir(), 'fieldsync-types-'));
  try {
    const tsc = join(ROOT, 'node_modules', '.bin', 'tsc');
    const options = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--rootDir', ROOT, '--outDir', all];
    await promisify(execFile)(tsc, ['-p', join(ROOT, 'client'), ...options], { cwd: ROOT });
    for (const file of await reached(all, Object.values(ENTRIES))) {
      const path = join(target, relative(all, file));
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, await readFile(file));
    }
  } finally {
    await rm(all, { recursive: true });
  }
}

/** Declarations that the entries lead to. */
async function reached(folder: string, entries: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>();
  const queue = entries.map((entry) => join(folder, declarationOf(entry)));
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (found.has(file)) continue;
    found.add(file);
    const text = await readFile(file, 'utf8');
    for (const [, path = ''] of text.matchAll(/(?:from|import\()\s*["'](\.[^"']+)["']/g)) queue.push(join(dirname(file), declarationOf(path)));
  }
  return found;
}

function declarationOf(path: string): string {
  return path.replace(/\.ts$/, '.d.ts');
}

if (import.meta.main) process.stdout.write(`${relative(process.cwd(), await buildClient())}\n`);
