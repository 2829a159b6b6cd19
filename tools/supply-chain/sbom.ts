import { execFileSync } from 'node:child_process';
import { ROOT, runtimePackages, type LockedPackage } from './lockfile.ts';

type Component = { 'bom-ref': string; name: string; version: string };
type Sbom = { components: Component[]; dependencies: { ref: string; dependsOn: string[] }[] };

/** The part of a CycloneDX document that is about these packages. */
export function only<T extends Sbom>(sbom: T, packages: readonly LockedPackage[]): T {
  const wanted = new Set(packages.map(({ name, version }) => `${name}@${version}`));
  const components = sbom.components.filter(({ name, version }) => wanted.has(`${name}@${version}`));
  const all = new Set(sbom.components.map((component) => component['bom-ref']));
  const kept = new Set(components.map((component) => component['bom-ref']));
  const isKept = (ref: string) => !all.has(ref) || kept.has(ref);
  const dependencies = sbom.dependencies.filter(({ ref }) => isKept(ref)).map((entry) => ({ ...entry, dependsOn: entry.dependsOn.filter(isKept) }));
  return { ...sbom, components, dependencies };
}

/** The software bill of materials of a deployment, CycloneDX. `npm sbom --omit dev` would drop what tools need too. */
export function runtimeSbom(): Sbom {
  const output = execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application'], {
    cwd: ROOT, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'ignore'],
  });
  return only(JSON.parse(output) as Sbom, runtimePackages());
}

// `npm run --silent sbom`.
if (import.meta.main) console.log(JSON.stringify(runtimeSbom(), null, 2));
