import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { checkFile } from '../../../tools/check-imports.ts';
import { consoleFiles } from '../../../tools/build-console.ts';

const files = await consoleFiles();
const find = (pattern: RegExp) => files.find(({ path }) => pattern.test(path))!;
const text = (pattern: RegExp) => Buffer.from(find(pattern).contents).toString();

describe('the console’s files', () => {
  it('are at most 150 KB in gzip for the first view, and then nothing more is loaded', () => {
    const bytes = files.filter(({ path }) => !path.endsWith('licences.txt')).reduce((sum, { contents }) => sum + gzipSync(contents).length, 0);
    expect(bytes).toBeLessThan(150 * 1024);
    expect(text(/main\..*\.js$/)).not.toMatch(/\bimport\(/);
  });

  it('have a hash of their content in their names, all but the page', () => {
    const [page, ...others] = files.map(({ path }) => path);
    expect(page).toBe('index.html');
    for (const path of others) expect(path).toMatch(/^assets\/[\w-]+\.[A-Za-z0-9]{8,}\.(js|css|svg|txt)$/);
  });

  it('keep the policy: the page has nothing inline, and the script makes no code and no markup from text', () => {
    expect(text(/index\.html$/)).not.toMatch(/<style|style=|\son\w+=|<script(?![^>]*\ssrc=)/);
    const script = text(/main\..*\.js$/);
    expect(script).not.toMatch(/\beval\(|document\.write|insertAdjacentHTML|\.outerHTML\s*=/);
    expect(script).not.toMatch(/sk_live|BEGIN PRIVATE KEY|client_secret:"/);
  });

  it('hand on the licences of what they are made of', () => {
    const licences = text(/licences\..*\.txt$/);
    for (const name of ['preact', '@preact/signals', 'node-diff3', 'oauth4webapi', 'zod']) expect(licences).toContain(`${name}\n`);
  });
});

describe('the console’s sources', () => {
  const check = (source: string) => checkFile('console/src/data/x.ts', source);

  it('import the contract, and nothing else of the server', () => {
    expect(check("import { conflict } from '../../../src/protocol/conflict.ts';")).toEqual([]);
    for (const other of ['engine/model', 'service/deps', 'http/event', 'domain/civic', 'adapters/memory/copy', 'runtime/env']) {
      expect(check(`import type { X } from '../../../src/${other}.ts';`), other).toHaveLength(1);
    }
  });

  it('import the packages that were chosen, and nothing of Node', () => {
    expect(check("import { signal } from '@preact/signals';")).toEqual([]);
    expect(check("import { readFileSync } from 'node:fs';")).toHaveLength(1);
    expect(check("import x from '@aws-sdk/client-dynamodb';")).toHaveLength(1);
  });
});
