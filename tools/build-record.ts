import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What a build was: hashes of the files it read and wrote, by path, and what else it depends on, as a text. */
type BuildRecord = { made: string; files: Record<string, string | undefined> };

/** Where the record is, and the folder to which its paths are relative: a copy of a checkout asks for its own files. */
export type RecordPlace = { file: string; root: string };

export type Build = {
  /** What the build depends on beside files; another text is another build. */
  made: string;
  /** Paths of all that it read, and when it began to, ms. */
  read: readonly string[];
  since: number;
  wrote: readonly { path: string; contents: Uint8Array }[];
};

/** Clocks of file systems are coarse, ms. */
const COARSE_MS = 1000;

/** Whether every file that the recorded build read or wrote is as it left it, so that building again would change nothing. */
export async function isBuilt({ file, root }: RecordPlace, made: string): Promise<boolean> {
  const before = await readFile(file, 'utf8').then((text) => JSON.parse(text) as Partial<BuildRecord> | null).catch(() => null);
  if (before?.made !== made) return false;
  const files = Object.entries(before.files ?? {});
  const same = await Promise.all(files.map(async ([path, hash]) => (await hashOfFile(join(root, path))) === hash));
  return files.length > 0 && same.every(Boolean);
}

/** Records a build that is done, unless somebody touched meanwhile what it read: it may have read either. */
export async function keepBuilt({ file, root }: RecordPlace, { made, read, since, wrote }: Build): Promise<void> {
  const hashes = await Promise.all(read.map(async (path) => [path, await hashOfFile(join(root, path))] as const));
  // After the hashes, which might be of a later text otherwise.
  const untouched = await Promise.all(read.map((path) => isUntouched(join(root, path), since)));
  if (!untouched.every(Boolean)) return;
  const files = Object.fromEntries([...hashes, ...wrote.map(({ path, contents }) => [path, hashOf(contents)] as const)]);
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, JSON.stringify({ made, files } satisfies BuildRecord));
  await rename(temporary, file);
}

/** Also one that was moved there, with an older time of its own. */
async function isUntouched(path: string, since: number): Promise<boolean> {
  return stat(path).then(({ mtimeMs, ctimeMs }) => Math.max(mtimeMs, ctimeMs) < since - COARSE_MS, () => false);
}

/** Of a file that there is not, nothing. */
async function hashOfFile(path: string): Promise<string | undefined> {
  return readFile(path).then(hashOf, () => undefined);
}

function hashOf(contents: Uint8Array): string {
  return createHash('sha256').update(contents).digest('base64url');
}
