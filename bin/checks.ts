import { Validations, type App } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';

/**
 * Makes the synthesis fail for whatever cdk-nag's AwsSolutions pack finds and nobody has acknowledged. CloudFormation's
 * own rules are enforced by a setting in cdk.json, `validateAgainstDefaultRules`.
 */
export function enforceChecks(app: App): void {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
}
