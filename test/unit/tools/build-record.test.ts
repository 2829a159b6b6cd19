import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isBuilt, keepBuilt } from '../../../tools/build-record.ts';

describe('the record of a build', () => {
  let folder: string;
  const at = (name: string) => join(folder, name);
  const write = (name: string, text: string, ageMs = 60_000) => {
    writeFileSync(at(name), text);
    utimesSync(at(name), new Date(), new Date(Date.now() - ageMs));
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fieldsync-build-'));
    for (const name of ['a.ts', 'b.ts', 'out.cjs']) write(name, name);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const keep = (read: string[] = ['a.ts', 'b.ts']) => keepBuilt(at('record.json'), {
    made: 'esbuild 1', read: read.map(at), since: Date.now(), wrote: [{ path: at('out.cjs'), contents: Buffer.from('out.cjs') }],
  });
  const built = (made = 'esbuild 1') => isBuilt(at('record.json'), made);

  it('says that nothing is to be done as long as nothing changed', async () => {
    expect(await built()).toBe(false);
    await keep();
    expect(await built()).toBe(true);
    write('a.ts', 'a.ts', 0); // touched, and the same
    expect(await built()).toBe(true);
  });

  it.each([
    ['what it read changed', () => write('a.ts', 'other')],
    ['what it read is gone', () => rmSync(at('b.ts'))],
    ['what it wrote changed', () => write('out.cjs', 'other')],
    ['what it wrote is gone', () => rmSync(at('out.cjs'))],
    ['the record can’t be read', () => write('record.json', '{"made"')],
  ])('is void once %s', async (_, happens) => {
    await keep();
    happens();
    expect(await built()).toBe(false);
  });

  it('is void for a build of another kind', async () => {
    await keep();
    expect(await built('esbuild 2')).toBe(false);
  });

  it('notices a file that appears where the build found none', async () => {
    await keep(['a.ts', 'none.json']);
    expect(await built()).toBe(true);
    write('none.json', '{}');
    expect(await built()).toBe(false);
  });

  it('is not kept of a build while which somebody wrote what it read: it may have read either text', async () => {
    write('a.ts', 'new', -1);
    await keep();
    expect(await built()).toBe(false);
  });

  it('is not kept when what was written is another’s by then', async () => {
    write('out.cjs', 'of another build');
    await keep();
    expect(await built()).toBe(false);
  });
});
