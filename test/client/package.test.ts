import { spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildClient } from '../../tools/build-client.ts';
import { ROOT } from '../support/documents.ts';

const MOST_BYTES = 15 * 1024;

let app: string;
let dist: string;

beforeAll(async () => {
  app = mkdtempSync(join(tmpdir(), 'fieldsync-app-'));
  const installed = join(app, 'node_modules', '@fieldsync', 'client');
  mkdirSync(installed, { recursive: true });
  dist = await buildClient(join(installed, 'dist'));
  writeFileSync(join(installed, 'package.json'), readFileSync(join(ROOT, 'client/package.json')));
});
afterAll(() => rmSync(app, { recursive: true, force: true }));

const read = (name: string) => readFileSync(join(dist, name), 'utf8');

describe('the package @fieldsync/client', () => {
  it('is at most 15 KB gzipped, without the store', () => {
    const bytes = gzipSync(read('index.js')).length;
    expect(read('index.js').length).toBeGreaterThan(bytes);
    expect(bytes).toBeLessThanOrEqual(MOST_BYTES);
    expect(bytes).toBeGreaterThan(2 * 1024);
  });

  it('needs no other package, and nothing of Node or AWS', () => {
    const files = globSync('*.js', { cwd: dist });
    expect(files.length).toBe(7);
    for (const file of files) {
      const imported = [...read(file).matchAll(/(?:from|import)\s*\(?["']([^"']+)["']/g)].map(([, name]) => name);
      expect([file, imported]).toEqual([file, []]);
      expect([file, /["']node:|aws-sdk|process\.env|\bBuffer\b/.exec(read(file))?.[0]]).toEqual([file, undefined]);
    }
  });

  it('has declarations that need no other package but the libraries that adapters are for', () => {
    const files = globSync('**/*.d.ts', { cwd: dist });
    const imported = files.flatMap((file) => [...read(file).matchAll(/(?:from|import\()\s*["']([^."'][^"']*)["']/g)].map(([, name]) => name));
    expect([...new Set(imported)].sort()).toEqual(['@nozbe/watermelondb', '@nozbe/watermelondb/sync/index.js', '@tanstack/db', 'rxdb']);
  });

  it('is what the examples are written for: they type-check against it', () => {
    cpSync(join(ROOT, 'examples'), join(app, 'examples'), { recursive: true });
    writeFileSync(join(app, 'package.json'), '{"type":"module"}');
    for (const library of ['rxdb', 'rxjs', '@nozbe', '@tanstack']) symlinkSync(join(ROOT, 'node_modules', library), join(app, 'node_modules', library));
    const options = {
      extends: join(ROOT, 'tsconfig.json'),
      compilerOptions: { paths: {}, typeRoots: [join(ROOT, 'node_modules/@types')] },
      include: ['examples'],
      exclude: [],
    };
    writeFileSync(join(app, 'tsconfig.json'), JSON.stringify(options));
    expect(typeCheck()).toBe('');
    writeFileSync(join(app, 'examples', 'broken.ts'), "import { domain } from './reports/domain.ts';\nexport const wrong: string = domain;\n");
    expect(typeCheck()).toContain("is not assignable to type 'string'");
  });
});

function typeCheck(): string {
  return spawnSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', app], { encoding: 'utf8' }).stdout;
}
