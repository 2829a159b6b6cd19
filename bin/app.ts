import { App } from 'aws-cdk-lib';
import { addStacks } from '../lib/app.ts';
import { buildConsole } from '../tools/build-console.ts';
import { bundleFunctions } from '../tools/bundle-functions.ts';
import { cdkContext } from '../tools/cdk-context.ts';
import { enforceChecks } from './checks.ts';

// The local stack synthesizes the same template at every start and leaves the checks to `npx cdk synth` and the tests;
// what is deployed is built anew.
const checked = process.env['FIELDSYNC_SYNTH'] !== 'unchecked';

const app = new App({
  context: cdkContext(),
  ...(!checked && { builtinCloudFormationValidation: false }),
});
const [bundles, console] = await Promise.all([
  bundleFunctions({ keep: !checked }),
  app.node.tryGetContext('console') === 'true' ? buildConsole() : undefined,
]);
addStacks(app, {
  bundles,
  console: () => {
    if (console === undefined) throw new Error('the console was not built');
    return console;
  },
});
if (checked) enforceChecks(app);
app.synth();
