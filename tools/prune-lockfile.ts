import { readFileSync, writeFileSync } from 'node:fs';

// Removes from package-lock.json the optional dependencies of packages that npm could not resolve (builds for other
// platforms that this registry lacks): `npm ci` refuses a lockfile that names them. Run it after every `npm install`.

type Lockfile = { packages: Record<string, { optionalDependencies?: Record<string, string> }> };

const FILE = new URL('../package-lock.json', import.meta.url);
const lockfile = JSON.parse(readFileSync(FILE, 'utf8')) as Lockfile;
const removed: string[] = [];

for (const [path, entry] of Object.entries(lockfile.packages)) {
  const optional = entry.optionalDependencies;
  if (optional === undefined || path === '') continue;
  for (const name of Object.keys(optional)) {
    if (isLocked(name, path)) continue;
    delete optional[name];
    removed.push(name);
  }
  if (Object.keys(optional).length === 0) delete entry.optionalDependencies;
}
if (removed.length > 0) writeFileSync(FILE, `${JSON.stringify(lockfile, null, 2)}\n`);
console.log(`${removed.length} names removed`);

/** Whether the lockfile has the package where `from` would find it. */
function isLocked(name: string, from: string): boolean {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    if (`${folder === '' ? '' : `${folder}/`}node_modules/${name}` in lockfile.packages) return true;
    if (folder === '') return false;
  }
}
