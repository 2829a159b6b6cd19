import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A package that the lockfile pins. */
export type LockedPackage = { name: string; version: string; licence: string | undefined };

type Entry = { version?: string; license?: string; dev?: boolean; optional?: boolean; devOptional?: boolean };

/** The project's folder. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The packages that a deployment may carry: all but those that only tools and tests need, and Node itself. */
export function runtimePackages(lockfile = readLockfile()): LockedPackage[] {
  return Object.entries(lockfile.packages)
    .filter(([path, entry]) => path !== '' && entry.dev !== true && entry.optional !== true && entry.devOptional !== true)
    .map(([path, entry]) => ({ name: packageOf(path) ?? path, version: entry.version ?? '', licence: entry.license }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** The package that a file belongs to; nothing for the project's own. */
export function packageOf(path: string): string | undefined {
  const at = path.lastIndexOf('node_modules/');
  if (at < 0) return undefined;
  const [scope = '', name = ''] = path.slice(at + 'node_modules/'.length).split('/');
  return scope.startsWith('@') ? `${scope}/${name}` : scope;
}

function readLockfile(): { packages: Record<string, Entry> } {
  return JSON.parse(readFileSync(`${ROOT}package-lock.json`, 'utf8')) as { packages: Record<string, Entry> };
}
