import { App } from 'aws-cdk-lib';
import { addStacks } from '../lib/app.ts';
import { bundleFunctions } from '../tools/bundle-functions.ts';
import { cdkContext } from '../tools/cdk-context.ts';
import { enforceChecks } from './checks.ts';

// The local stack synthesizes the same template at every start and leaves the checks to `npx cdk synth` and the tests.
const checked = process.env['FIELDSYNC_SYNTH'] !== 'unchecked';

const app = new App({
  context: cdkContext(),
  ...(!checked && { builtinCloudFormationValidation: false }),
});
addStacks(app, await bundleFunctions());
if (checked) enforceChecks(app);
app.synth();
