import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What a build was: hashes of the files it read and wrote, by path, and what else it depends on, as a text. */
type BuildRecord = { made: string; files: Record<string, string> };

export type Build = {
  /** What the build depends on beside files; another text is another build. */
  made: string;
  /** Paths of what it read, and when it began to, ms. */
  read: readonly string[];
  since: number;
  wrote: readonly { path: string; contents: Uint8Array }[];
};

/** Clocks of file systems are coarse, ms. */
const COARSE_MS = 1000;

/** Whether every file that the recorded build read or wrote is as it left it, so that building again would change nothing. */
export async function isBuilt(record: string, made: string): Promise<boolean> {
  const before = await readFile(record, 'utf8').then((text) => JSON.parse(text) as BuildRecord).catch(() => undefined);
  if (before?.made !== made) return false;
  const same = await Promise.all(Object.entries(before.files).map(async ([path, hash]) => (await hashOfFile(path)) === hash));
  return same.every(Boolean);
}

/** Records a build that is done, unless somebody changed what it read meanwhile: it may have read either. */
export async function keepBuilt(record: string, { made, read, since, wrote }: Build): Promise<void> {
  const changed = await Promise.all(read.map((path) => stat(path).then(({ mtimeMs }) => mtimeMs > since - COARSE_MS, () => false)));
  if (changed.includes(true)) return;
  const files = Object.fromEntries([
    ...await Promise.all(read.map(async (path) => [path, await hashOfFile(path)] as const)),
    ...wrote.map(({ path, contents }) => [path, hashOf(contents)] as const),
  ]);
  await mkdir(dirname(record), { recursive: true });
  const temporary = `${record}.${process.pid}.tmp`;
  await writeFile(temporary, JSON.stringify({ made, files } satisfies BuildRecord));
  await rename(temporary, record);
}

/** Of a file that there is not, an empty text. */
async function hashOfFile(path: string): Promise<string> {
  return readFile(path).then(hashOf, () => '');
}

function hashOf(contents: Uint8Array): string {
  return createHash('sha256').update(contents).digest('base64url');
}
