import type { Metafile } from 'esbuild';
import { packageOf } from './lockfile.ts';

/** What a bundle is made of: bytes per package, and of the project's own files, largest first. */
export type BundleContents = { bundle: string; bytes: number; packages: { name: string; bytes: number }[]; files: string[] };

/** Name under which the project's own files are counted. */
export const OWN = '(own)';

/** The contents of every bundle, by esbuild's account of its outputs. */
export function bundlePackages({ outputs }: Metafile): BundleContents[] {
  return Object.entries(outputs).filter(([path]) => path.endsWith('.cjs')).map(([path, { bytes, inputs }]) => {
    const sums = new Map<string, number>();
    for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
      const name = packageOf(file) ?? OWN;
      sums.set(name, (sums.get(name) ?? 0) + bytesInOutput);
    }
    const packages = [...sums].map(([name, sum]) => ({ name, bytes: sum })).filter((entry) => entry.bytes > 0);
    const files = Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([file]) => file);
    return { bundle: path.split('/').at(-2) ?? path, bytes, packages: packages.toSorted((a, b) => b.bytes - a.bytes), files };
  });
}
