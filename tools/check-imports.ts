import { globSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { IMPORT_RULES, type ImportRule } from './import-rules.ts';
import { readSource, type SourceImport } from './source-imports.ts';

const BUILTIN: ReadonlySet<string> = new Set(builtinModules);

/** What breaks the rules in one file. `path` is relative to the project, with `/`. */
export function checkFile(path: string, source: string, rules: readonly ImportRule[] = IMPORT_RULES): string[] {
  const rule = rules.filter(({ folder }) => path.startsWith(folder)).sort((a, b) => b.folder.length - a.folder.length)[0];
  if (!rule) return [`${path}: no rule says what this file may import (tools/import-rules.ts)`];
  const { imports, impurities } = readSource(path, source);
  const refused = imports.filter((found) => !allows(rule, path, found));
  return [
    ...refused.map(({ specifier, line }) => `${path}:${line}: ${rule.folder} may not import ${specifier}`),
    ...(rule.pure ? impurities.map(({ what, line }) => `${path}:${line}: ${rule.folder} is pure and may not use ${what}`) : []),
  ];
}

function allows(rule: ImportRule, path: string, { specifier, typeOnly }: SourceImport): boolean {
  if (specifier.startsWith('node:') || BUILTIN.has(specifier)) return rule.node === true && specifier.startsWith('node:');
  if (specifier.startsWith('.')) {
    const target = posix.join(dirname(path), specifier);
    const folders = [rule.folder, ...(rule.files ?? []), ...(typeOnly ? (rule.types ?? []) : [])];
    return folders.includes('*') || folders.some((folder) => target.startsWith(folder));
  }
  const name = specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
  const packages = [...(rule.packages ?? []), ...(typeOnly ? (rule.typePackages ?? []) : [])];
  return packages.includes('*') || packages.includes(name);
}

/** Files that import each other in a circle, by values: which of them runs first would be luck. */
export function findCircles(importsOf: ReadonlyMap<string, readonly string[]>): string[][] {
  const circles: string[][] = [];
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]) => {
    const at = trail.indexOf(file);
    if (at >= 0) circles.push([...trail.slice(at), file]);
    if (at >= 0 || done.has(file)) return;
    for (const next of importsOf.get(file) ?? []) visit(next, [...trail, file]);
    done.add(file);
  };
  for (const file of importsOf.keys()) visit(file, []);
  return circles;
}

function main(): number {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const paths = globSync('**/*.{ts,tsx,mts,cts}', { cwd: root, exclude: ['**/node_modules/**', '**/dist/**', 'cdk.out/**', '.local/**'] })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !path.startsWith('.'));
  const sources = new Map(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
  const values = [...sources].map(([path, source]) => {
    const imports = readSource(path, source).imports.filter(({ typeOnly, specifier }) => !typeOnly && specifier.startsWith('.'));
    return [path, imports.map(({ specifier }) => posix.join(dirname(path), specifier)).filter((target) => sources.has(target))] as const;
  });
  const faults = [
    ...[...sources].flatMap(([path, source]) => checkFile(path, source)),
    ...findCircles(new Map(values)).map((circle) => `circle: ${circle.join(' -> ')}`),
  ];
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  process.stdout.write(`imports: ${paths.length} files, ${faults.length} faults\n`);
  return faults.length === 0 && paths.length > 0 ? 0 : 1;
}

if (import.meta.main) process.exitCode = main();
