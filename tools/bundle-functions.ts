import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, version, type Metafile, type Plugin } from 'esbuild';
import { MANIFEST, SITE_FOLDER } from '../src/http/site.ts';
import { isBuilt, keepBuilt } from './build-record.ts';
import { siteFiles } from './site/build-site.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * Lambda hands a function its role's credentials by the environment. The SDK's chain of other ways (profiles, SSO,
 * containers) is never reached there, and is a quarter of a bundle: left out.
 */
const CREDENTIALS_OF_THE_ROLE: Plugin = {
  name: 'credentials-of-the-role',
  setup(bundler) {
    const namespace = 'credentials-of-the-role';
    bundler.onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, ({ path, resolveDir }) => ({ path, namespace, pluginData: resolveDir }));
    bundler.onLoad({ filter: /.*/, namespace }, ({ pluginData }) => ({
      contents: "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';",
      resolveDir: pluginData as string,
    }));
  },
};

const SOURCES = join(ROOT, 'functions');
const TARGET = join(ROOT, 'dist', 'functions');
const BUNDLE = 'index.cjs';
/** Files are written here and then moved: what a killed process leaves half-written is in no bundle's folder. */
const DRAFTS = join(ROOT, 'dist', 'drafts');
const RECORD = { file: join(ROOT, 'dist', 'functions.json'), root: ROOT };
/** What decides over a bundle beside the modules in it: how it is made, and which packages are found. */
const DECISIVE = ['tools/bundle-functions.ts', 'package.json', 'tsconfig.json', 'node_modules/.package-lock.json'];
/** The function that serves the documentation, whose files lie beside its code. */
const SERVES_SITE = 'docs';

/**
 * Bundles every `functions/<name>.ts` into `dist/functions/<name>/index.cjs` and returns the folder of the bundles.
 * CDK packs these folders, and the local stack runs the very same files.
 *
 * Files are replaced in one step each and only when they change, because several stacks may start at the same time.
 * @param keep leaves bundles as they are when nothing that they were made of has changed
 */
export async function bundleFunctions({ keep = false }: { keep?: boolean } = {}): Promise<string> {
  const names = await functionNames();
  const made = JSON.stringify([version, names]);
  if (!keep || !(await isBuilt(RECORD, made))) await rebuild(names, made);
  await writeSite(join(TARGET, SERVES_SITE, SITE_FOLDER));
  await Promise.all([removeOthers(TARGET, names), ...names.map((name) => removeOthers(join(TARGET, name), [BUNDLE, SITE_FOLDER]))]);
  return TARGET;
}

/** What every bundle is made of, by esbuild's own account; writes nothing. */
export async function bundleContents(): Promise<Metafile> {
  return (await bundled(await functionNames())).metafile;
}

async function functionNames(): Promise<string[]> {
  return (await readdir(SOURCES)).filter((file) => file.endsWith('.ts')).map((file) => basename(file, '.ts')).sort();
}

async function rebuild(names: readonly string[], made: string): Promise<void> {
  const since = Date.now();
  const { outputFiles, metafile } = await bundled(names);
  await Promise.all(outputFiles.map((file) => replace(file.path, file.contents)));
  // What a plugin made up (`plugin:name`) is no file.
  const read = [...DECISIVE, ...Object.keys(metafile.inputs).filter((path) => !path.includes(':'))];
  const wrote = outputFiles.map(({ path, contents }) => ({ path: relative(ROOT, path), contents }));
  // Without a record the next start builds again: nothing that a build should fail for.
  await keepBuilt(RECORD, { made, read, since, wrote }).catch(() => {});
}

function bundled(names: readonly string[]) {
  return build({
    entryPoints: names.map((name) => ({ in: join(SOURCES, `${name}.ts`), out: join(name, 'index') })),
    outdir: TARGET,
    outExtension: { '.js': '.cjs' },
    absWorkingDir: ROOT,
    write: false,
    metafile: true,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    // CommonJS loads about 20 ms faster than ES modules; without `module` first, the SDK's fat builds are taken.
    format: 'cjs',
    mainFields: ['module', 'main'],
    legalComments: 'none',
    plugins: [CREDENTIALS_OF_THE_ROLE],
    logLevel: 'warning',
  });
}

/** Files are named by their content: those that are there are right. */
async function writeSite(folder: string): Promise<void> {
  const files = await siteFiles();
  const found = await readdir(folder).catch((): string[] => []);
  const missing = files.filter(({ name }) => name === MANIFEST || !found.includes(name));
  await Promise.all(missing.map(({ name, contents }) => replace(join(folder, name), contents())));
  await removeOthers(folder, files.map(({ name }) => name));
}

async function replace(path: string, contents: Uint8Array): Promise<void> {
  const before = await readFile(path).catch(() => undefined);
  if (before?.equals(contents)) return;
  await mkdir(dirname(path), { recursive: true });
  await mkdir(DRAFTS, { recursive: true });
  const draft = join(DRAFTS, randomUUID());
  await writeFile(draft, contents);
  await rename(draft, path);
}

/** What is no more: bundles of functions, older files of the site. */
async function removeOthers(target: string, names: readonly string[]): Promise<void> {
  const found = await readdir(target).catch(() => []);
  await Promise.all(found.filter((name) => !names.includes(name)).map((name) => rm(join(target, name), { recursive: true, force: true })));
}
