import { describe, expect, it } from 'vitest';
import { ACCESS, type Access } from '../../lib/access.ts';
import { physicalTableName } from '../../lib/sync-tables.ts';
import type { TableName } from '../../src/runtime/env.ts';
import { resourcesOf, synthesized } from './synthesized.ts';

// With literal names instead of imports, so that a policy can be read.
const { service } = synthesized({ stage: 'prod', restoredTables: 't' });

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
}

/** `action on resource` of every permission of a function's role, in words that fit the matrix. */
function grants(name: string): string[] {
  const functions = service.findResources('AWS::Lambda::Function') as Record<string, { Properties: Record<string, any> }>;
  const fn = Object.values(functions).find((found) => found.Properties['FunctionName'] === `fieldsync-prod-${name}`)!;
  const role = fn.Properties['Role']['Fn::GetAtt'][0] as string;
  const found = resourcesOf(service, 'AWS::IAM::Policy')
    .filter(({ Properties }) => Properties['Roles'].some((at: { Ref: string }) => at.Ref === role))
    .flatMap(({ Properties }) => Properties['PolicyDocument'].Statement as Statement[]);
  return found.flatMap((statement) => [statement.Action].flat().flatMap((action) =>
    (Array.isArray(statement.Resource) ? statement.Resource : [statement.Resource])
      .map((resource) => `${action} on ${resourceName(resource)}`))).sort();
}

function resourceName(resource: unknown): string {
  const text = JSON.stringify(resource);
  return /:table\/t-([a-z_]+(?:\/index\/[a-z_]+)?)"/.exec(text)?.[1]
    ?? /"(Queue[A-Z][a-z]+)/.exec(text)?.[1]
    ?? /"([A-Za-z]+Logs)/.exec(text)?.[1]
    ?? text;
}

function expected(name: string, access: Access): string[] {
  const tables = (Object.entries(access.tables) as [TableName, readonly string[]][]).flatMap(([table, actions]) =>
    actions.map((action) => (action === 'QueryIndex'
      ? `dynamodb:Query on ${physicalTableName(table)}/index/${table === 'uploadInbox' ? 'by_due' : 'by_open'}`
      : `dynamodb:${action} on ${physicalTableName(table)}`)));
  const consumed = { worker: 'QueueWork', 'dead-letter': 'QueueDead' }[name];
  const consuming = consumed === undefined ? [] : ['ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility',
    'GetQueueUrl', 'GetQueueAttributes'].map((action) => `sqs:${action} on ${consumed}`);
  const logs = `${name.replaceAll('-', '')}Logs`;
  return [...new Set([
    ...tables,
    ...(access.queue ?? []).map((action) => `sqs:${action} on QueueWork`),
    ...consuming,
    `logs:CreateLogStream on ${logs}`,
    `logs:PutLogEvents on ${logs}`,
    'xray:PutTelemetryRecords on "*"',
    'xray:PutTraceSegments on "*"',
  ])].sort();
}

describe('least privilege', () => {
  it.each(Object.entries(ACCESS))('%s may do what the matrix says, and nothing else', (name, access) => {
    expect(grants(name)).toEqual(expected(name, access));
  });

  it('has no wildcard but X-Ray\'s, and no managed policy', () => {
    for (const { Properties } of resourcesOf(service, 'AWS::IAM::Policy')) {
      for (const { Action, Resource } of Properties['PolicyDocument'].Statement as Statement[]) {
        const actions = [Action].flat();
        for (const action of actions) expect(action).not.toContain('*');
        if (!actions.every((action) => action.startsWith('xray:'))) expect(JSON.stringify(Resource)).not.toContain('*');
      }
    }
    for (const role of resourcesOf(service, 'AWS::IAM::Role')) {
      expect(role.Properties['ManagedPolicyArns']).toBeUndefined();
      expect(role.Properties['AssumeRolePolicyDocument'].Statement).toHaveLength(1);
    }
  });

  it('gives every function a role of its own', () => {
    const roles = resourcesOf(service, 'AWS::Lambda::Function').map((fn) => fn.Properties['Role']['Fn::GetAtt'][0]);
    expect(new Set(roles).size).toBe(Object.keys(ACCESS).length);
  });
});
