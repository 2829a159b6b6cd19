import { describe, expect, it } from 'vitest';
import { ACCESS, type Access } from '../../lib/access.ts';
import { physicalTableName } from '../../lib/sync-tables.ts';
import type { TableName } from '../../src/runtime/env.ts';
import { resourcesOf, synthesized } from './synthesized.ts';

// With literal names instead of imports, so that a policy can be read.
const STREAM = 'arn:aws:dynamodb:eu-central-1:111122223333:table/t-scope_log/stream/2026-11-25T00:00:00.000';
const { service } = synthesized({ stage: 'prod', restoredTables: 't', restoredStream: STREAM, restoredDeviceStream: STREAM.replace('scope_log', 'client_sync_state') });

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
  const place = /s3:::"(?:,\{[^}]*\})?(?:,"\/(\w+)\/\*")?/.exec(text);
  if (place !== null) return place[1] === undefined ? 'bucket' : `bucket/${place[1]}`;
  return /:table\/t-([a-z_]+(?:\/index\/[a-z_]+)?)"/.exec(text)?.[1]
    ?? /\/(live\/[A-Z]+\/@connections\/\*)"/.exec(text)?.[1]
    ?? /"Live(Connections)/.exec(text)?.[1]?.toLowerCase()
    ?? /t-([a-z_]+\/stream)/.exec(text)?.[1]
    ?? /"(Queue[A-Z][a-z]+)/.exec(text)?.[1]
    ?? /"([A-Za-z]+Logs)/.exec(text)?.[1]
    ?? text;
}

function expected(name: string, access: Access): string[] {
  const tables = (Object.entries(access.tables) as [TableName, readonly string[]][]).flatMap(([table, actions]) =>
    actions.map((action) => (action === 'QueryIndex'
      ? `dynamodb:Query on ${physicalTableName(table)}/index/${table === 'syncConflicts' ? 'by_open' : 'by_due'}`
      : `dynamodb:${action} on ${physicalTableName(table)}`)));
  const consumed = { worker: 'QueueWork', 'dead-letter': 'QueueDead' }[name];
  const consuming = consumed === undefined ? [] : ['ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility',
    'GetQueueUrl', 'GetQueueAttributes'].map((action) => `sqs:${action} on ${consumed}`);
  const { lists, ...places } = access.bucket ?? {};
  const objects = Object.entries(places).flatMap(([place, actions]) => actions.map((action) => `s3:${action} on bucket/${place}`));
  const followed = { notify: ['scope_log'], usage: ['scope_log', 'client_sync_state'] }[name] ?? [];
  const following = followed.flatMap((table) =>
    ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map((action) => `dynamodb:${action} on ${table}/stream`));
  const logs = `${name.replaceAll('-', '')}Logs`;
  return [...new Set([
    ...tables,
    ...(access.queue ?? []).map((action) => `sqs:${action} on QueueWork`),
    ...consuming,
    ...following,
    ...(access.sockets ?? []).map((method) => `execute-api:ManageConnections on live/${method}/@connections/*`),
    ...objects,
    ...(lists ? ['s3:ListBucket on bucket'] : []),
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

  it('has no wildcard but X-Ray\'s, the connections of the one stage and objects below a prefix, and no managed policy', () => {
    for (const { Properties } of resourcesOf(service, 'AWS::IAM::Policy')) {
      for (const { Action, Resource } of Properties['PolicyDocument'].Statement as Statement[]) {
        const actions = [Action].flat();
        for (const action of actions) expect(action).not.toContain('*');
        if (actions.every((action) => action.startsWith('xray:'))) continue;
        for (const resource of Array.isArray(Resource) ? Resource : [Resource]) {
          if (actions.includes('execute-api:ManageConnections')) expect(resource['Fn::Join'][1].slice(-2)).toEqual([{ Ref: 'LiveApi149456B6' }, expect.stringMatching(/^\/live\/(POST|DELETE)\/@connections\/\*$/)]);
          else if (actions.every((action) => /^s3:(Get|Put|Delete)Object$/.test(action))) expect(JSON.stringify(resource)).toMatch(/"\/(incoming|photos)\/\*"/);
          else expect(JSON.stringify(resource)).not.toContain('*');
        }
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
