import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { synthesize } from '../../../local/template/synthesize.ts';

const builds = mkdtempSync(join(tmpdir(), 'fieldsync-builds-'));
afterEach(() => rmSync(builds, { recursive: true, force: true }));

it('ends as soon as nothing is to start any more, and leaves nothing', async () => {
  const hopeless = new AbortController();
  const building = synthesize(builds, hopeless.signal);
  hopeless.abort(new Error('there is no Java'));
  await expect(building).rejects.toThrow('there is no Java');
  expect(readdirSync(builds)).toEqual([]);
});
