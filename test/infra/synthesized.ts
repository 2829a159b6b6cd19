import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { addStacks } from '../../lib/app.ts';
import { FUNCTIONS } from '../../lib/functions.ts';
import { cdkContext } from '../../tools/cdk-context.ts';

export interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, any>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export interface Synthesized {
  readonly folder: string;
  readonly data: Template;
  readonly service: Template;
  readonly console: Template | undefined;
  readonly terminationProtection: readonly (boolean | undefined)[];
}

/** The templates of a stage. Bundles are stand-ins: what is in them is not what these tests are about. */
export function synthesized(context: Record<string, string> = {}): Synthesized {
  const folder = mkdtempSync(join(tmpdir(), 'fieldsync-infra-'));
  const bundles = standInBundles(folder);
  const outdir = join(folder, 'cdk.out');
  // Its rules are applied by `npx cdk synth` (checked-synthesis.test.ts); here they would only take time.
  const app = new App({ outdir, context: { ...cdkContext(), ...context }, builtinCloudFormationValidation: false });
  const { data, service, console } = addStacks(app, { bundles, console: () => standInConsole(folder) });
  app.synth();
  return {
    folder: outdir,
    data: Template.fromStack(data),
    service: Template.fromStack(service),
    console: console && Template.fromStack(console),
    terminationProtection: [data.terminationProtection, service.terminationProtection],
  };
}

/** A folder of bundles that do nothing. */
export function standInBundles(folder: string): string {
  const bundles = join(folder, 'bundles');
  for (const name of Object.keys(FUNCTIONS)) {
    mkdirSync(join(bundles, name), { recursive: true });
    writeFileSync(join(bundles, name, 'index.cjs'), `exports.handler = () => '${name}';`);
  }
  return bundles;
}

/** A page that shows nothing. */
export function standInConsole(folder: string): string {
  const files = join(folder, 'console');
  for (const [part, name] of [['page', 'index.html'], ['assets', 'main.abc.js']] as const) {
    mkdirSync(join(files, part), { recursive: true });
    writeFileSync(join(files, part, name), '');
  }
  return files;
}

export function resourcesOf(template: Template, type: string): Resource[] {
  return Object.values(template.findResources(type)) as Resource[];
}
