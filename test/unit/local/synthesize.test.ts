import { mkdtempSync, readdirSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { synthesize } from '../../../local/template/synthesize.ts';

const builds = mkdtempSync(join(tmpdir(), 'fieldsync-builds-'));
afterAll(() => rmSync(builds, { recursive: true, force: true }));

it.each(['before it begins', 'when it begins to write'])('ends early, and leaves nothing, once nothing is to start any more: %s', async (when) => {
  const hopeless = new AbortController();
  const abort = () => hopeless.abort(new Error('there is no Java'));
  const written: (string | null)[] = [];
  const watcher = watch(builds, { recursive: true }, (_, path) => {
    written.push(path);
    abort();
  });
  try {
    const building = synthesize(builds, hopeless.signal);
    if (when === 'before it begins') abort();
    await expect(building).rejects.toThrow('there is no Java');
    expect(readdirSync(builds)).toEqual([]);
    if (when === 'before it begins') expect(written).toEqual([]);
  } finally {
    watcher.close();
  }
});
