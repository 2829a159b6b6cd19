import { cpSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isBuilt, keepBuilt } from '../../../tools/build-record.ts';

/** A build that begins later than every file was written. */
const LATER_MS = 60_000;
/** Clocks of file systems are coarse: a file that was written just before a build may have been written in it. */
const COARSE_MS = 1_100;

describe('the record of a build', () => {
  let folder: string;
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fieldsync-build-'));
    for (const name of ['a.ts', 'b.ts', 'out.cjs']) write(name, name);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const place = (root = folder) => ({ file: join(root, 'record.json'), root });
  const keep = ({ read = ['a.ts', 'b.ts'], since = Date.now() + LATER_MS } = {}) => keepBuilt(place(), {
    made: 'esbuild 1', read, since, wrote: [{ path: 'out.cjs', contents: Buffer.from('out.cjs') }],
  });
  const built = (made = 'esbuild 1', root = folder) => isBuilt(place(root), made);

  it('says that nothing is to be done as long as nothing changed', async () => {
    expect(await built()).toBe(false);
    await keep();
    expect(await built()).toBe(true);
    write('a.ts', 'a.ts'); // touched, and the same
    expect(await built()).toBe(true);
  });

  it.each([
    ['what it read changed', () => write('a.ts', 'other')],
    ['what it read is gone', () => rmSync(join(folder, 'b.ts'))],
    ['what it wrote changed', () => write('out.cjs', 'other')],
    ['what it wrote is gone', () => rmSync(join(folder, 'out.cjs'))],
    ['the record can’t be read', () => write('record.json', '{"made"')],
    ['the record is another thing', () => write('record.json', '{"made":"esbuild 1"}')],
    ['the record is null', () => write('record.json', 'null')],
  ])('is void once %s', async (_, happens) => {
    await keep();
    happens();
    expect(await built()).toBe(false);
  });

  it('is void for a build of another kind', async () => {
    await keep();
    expect(await built('esbuild 2')).toBe(false);
  });

  it('is about the files of its own folder, also in a copy', async () => {
    await keep();
    const copy = join(folder, 'copy');
    for (const name of ['a.ts', 'b.ts', 'out.cjs', 'record.json']) cpSync(join(folder, name), join(copy, name));
    expect(await built('esbuild 1', copy)).toBe(true);
    writeFileSync(join(copy, 'a.ts'), 'other');
    expect(await built('esbuild 1', copy)).toBe(false);
    expect(await built()).toBe(true);
  });

  it.each([
    ['wrote what it read', () => write('a.ts', 'new')],
    ['moved an older file there', () => {
      write('older', 'new');
      utimesSync(join(folder, 'older'), 0, 0);
      renameSync(join(folder, 'older'), join(folder, 'a.ts'));
    }],
    ['deleted what it read', () => rmSync(join(folder, 'a.ts'))],
  ])('is not kept of a build while which somebody %s: it may have read either', async (_, happens) => {
    await sleep(COARSE_MS);
    const since = Date.now();
    happens();
    await keep({ since });
    expect(await built()).toBe(false);
  });

  it('is not kept when somebody writes while it is made', async () => {
    await sleep(COARSE_MS);
    await keep({ since: Date.now() });
    expect(await built()).toBe(true);
    rmSync(join(folder, 'record.json'));
    const kept = keep({ since: Date.now() });
    write('a.ts', 'new');
    await kept;
    expect(await built()).toBe(false);
  });

  it('is not about what another build wrote', async () => {
    write('out.cjs', 'of another build');
    await keep();
    expect(await built()).toBe(false);
  });
});
