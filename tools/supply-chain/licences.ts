import type { LockedPackage } from './lockfile.ts';

/** Licences that ask for no more than a notice. Whoever adds another has read it. */
const ALLOWED: ReadonlySet<string> = new Set(['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'MIT-0']);

/** Packages whose licence is not among those allowed, or not told. */
export function refusedLicences(packages: readonly LockedPackage[]): string[] {
  return packages.filter(({ licence }) => licence === undefined || !ALLOWED.has(licence))
    .map(({ name, version, licence }) => `${name}@${version}: ${licence ?? 'no licence told'}`);
}

/** One line per licence: `MIT (7): jose 6.2.17, …`. */
export function licenceList(packages: readonly LockedPackage[]): string[] {
  const byLicence = Map.groupBy(packages, ({ licence }) => licence ?? 'no licence told');
  return [...byLicence].toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([licence, found]) => `${licence} (${found.length}): ${found.map(({ name, version }) => `${name} ${version}`).join(', ')}`);
}
