import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';

/** The project's folder. */
export const ROOT = join(import.meta.dirname, '../../..');

/** Replaces a text of a file, which must be there exactly once: a patch never goes stale in silence. */
export type Patch = { file: string; find: string; replace: string };

/** The simulator and the code that it simulates as one script for a worker thread, with patched files if wanted. */
export async function bundle(patches: readonly Patch[] = []): Promise<string> {
  const built = await build({
    entryPoints: [join(import.meta.dirname, 'player.ts')],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    mainFields: ['module', 'main'],
    logLevel: 'silent',
    plugins: patches.length > 0 ? [patching(patches)] : [],
  });
  const [file] = built.outputFiles;
  if (!file) throw new Error('nothing was built');
  return file.text;
}

function patching(patches: readonly Patch[]): Plugin {
  return {
    name: 'patching',
    setup(build) {
      for (const file of new Set(patches.map((patch) => patch.file))) {
        const path = join(ROOT, file);
        build.onLoad({ filter: new RegExp(`${file.replaceAll(/[/.]/g, '\\$&')}$`) }, async (args) =>
          args.path === path ? { loader: 'ts', contents: patched(await readFile(path, 'utf8'), file, patches) } : undefined,
        );
      }
    },
  };
}

/** The text with all patches of this file. Throws when one does not fit. */
export function patched(text: string, file: string, patches: readonly Patch[]): string {
  return patches.filter((patch) => patch.file === file).reduce((source, { find, replace }) => {
    const [before, after, ...more] = source.split(find);
    if (before === undefined || after === undefined || more.length > 0) {
      throw new Error(`${file} holds this ${more.length + (after === undefined ? 0 : 1)} times, not once: ${find}`);
    }
    return before + replace + after;
  }, text);
}
