import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Validations, type Stack } from 'aws-cdk-lib';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { enforceChecks } from '../../bin/checks.ts';
import { addStacks } from '../../lib/app.ts';
import { cdkContext } from '../../tools/cdk-context.ts';
import { standInBundles, standInConsole } from './synthesized.ts';

interface Finding {
  readonly rule: string;
  readonly path: string;
}

/** Synthesizes as `npx cdk synth` does, after `spoil` did something to the service stack; gives what the checks found. */
function findings(spoil: (service: Stack) => void = () => {}): Finding[] {
  const folder = mkdtempSync(join(tmpdir(), 'fieldsync-checks-'));
  const app = new App({ outdir: join(folder, 'cdk.out'), context: { ...cdkContext(), stage: 'prod', console: 'true' } });
  const { service } = addStacks(app, { bundles: standInBundles(folder), console: () => standInConsole(folder) });
  spoil(service);
  enforceChecks(app);
  let failed = false;
  try {
    app.synth();
  } catch {
    failed = true;
  }
  const report = JSON.parse(readFileSync(join(folder, 'cdk.out', 'validation-report.json'), 'utf8')) as {
    pluginReports: { violations: { ruleName: string; violatingConstructs: { constructPath: string }[] }[] }[];
  };
  const found = report.pluginReports.flatMap(({ violations }) => violations.flatMap(({ ruleName, violatingConstructs }) =>
    violatingConstructs.map(({ constructPath }) => ({ rule: ruleName, path: constructPath }))));
  expect(failed).toBe(found.length > 0);
  return found;
}

afterEach(() => vi.restoreAllMocks());

describe('the checks of a synthesis', () => {
  it('make it fail for what cdk-nag finds, and for a property that CloudFormation would refuse', () => {
    const found = findings((service) => {
      new CfnQueue(service, 'Open');
      const queue = service.node.findChild('Queue').node.findChild('Work').node.defaultChild as CfnQueue;
      queue.visibilityTimeout = -5;
    });
    expect(found).toContainEqual({ rule: 'AwsSolutions-SQS4', path: 'fieldsync-prod/Open' });
    expect(found).toContainEqual({ rule: 'F3034', path: 'fieldsync-prod/Queue/Work/Resource' });
    // And nothing else is found: these are enough to fail, and all else is sound or acknowledged.
    expect(new Set(found.map(({ path }) => path))).toEqual(new Set(['fieldsync-prod/Open', 'fieldsync-prod/Queue/Work/Resource']));
  });

  it('find, with nothing acknowledged, just what is acknowledged: no acknowledgement is idle or too wide', () => {
    const acknowledged: Finding[] = [];
    vi.spyOn(Validations.prototype, 'acknowledge').mockImplementation(function (this: Validations, ...given) {
      const { scope } = this as unknown as { scope: { node: { path: string } } };
      for (const { id, reason } of given) {
        expect(reason?.length, id).toBeGreaterThan(40);
        acknowledged.push({ rule: id, path: scope.node.path });
      }
    });
    const found = findings();
    const covers = (ack: Finding, finding: Finding) => ack.rule === finding.rule && `${finding.path}/`.startsWith(`${ack.path}/`);
    expect(found.filter((finding) => !acknowledged.some((ack) => covers(ack, finding)))).toEqual([]);
    expect(acknowledged.filter((ack) => !found.some((finding) => covers(ack, finding)))).toEqual([]);
    const isConsole = (path: string) => path.startsWith('fieldsync-prod-console/');
    const rules = acknowledged.filter(({ path }) => !isConsole(path)).map(({ rule }) => rule);
    expect([...new Set(rules)].sort()).toEqual([
      'AwsSolutions-APIG4', 'AwsSolutions-IAM5[Resource::*]',
      ...['DELETE', 'POST'].map((method) => `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<LiveApi149456B6>/live/${method}/@connections/*]`),
      ...['incoming', 'photos'].map((place) => `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::fieldsync-prod-photos/${place}/*]`),
    ]);
    // The console's are CloudFront's and those of the function with which the CDK copies files.
    const ofConsole = acknowledged.filter(({ path }) => isConsole(path)).map(({ rule }) => rule.split('[')[0]);
    const cloudFront = ['CFR1', 'CFR2', 'CFR3', 'CFR4'].map((rule) => `AwsSolutions-${rule}`);
    expect([...new Set(ofConsole)].sort()).toEqual([...cloudFront, 'AwsSolutions-IAM4', 'AwsSolutions-IAM5', 'AwsSolutions-L1', 'AwsSolutions-S1']);
    const wide = acknowledged.filter(({ rule, path }) => rule.includes('Resource::*') && isConsole(path));
    expect(wide).toEqual([]);
  });
});
