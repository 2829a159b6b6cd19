import { describe, expect, it } from 'vitest';
import { permissionsOf } from '../../../local/access/policies.ts';
import { needsOf } from '../../../local/access/requests.ts';

const arns = { table: (name: string) => `table/${name}`, queue: (name: string) => `queue/${name}` };
const needs = (target: string, body: Record<string, unknown>) =>
  needsOf(target, body, arns).map(({ action, resource }) => `${action} ${resource}`);

describe('the permissions a call needs', () => {
  it.each([
    ['DynamoDB_20120810.PutItem', { TableName: 'a' }, ['dynamodb:PutItem table/a']],
    ['DynamoDB_20120810.Query', { TableName: 'a', IndexName: 'i' }, ['dynamodb:Query table/a/index/i']],
    ['DynamoDB_20120810.GetItem', { TableName: 'arn:aws:dynamodb:r:1:table/a' }, ['dynamodb:GetItem table/a']],
    ['DynamoDB_20120810.BatchGetItem', { RequestItems: { a: {}, b: {} } }, ['dynamodb:BatchGetItem table/a', 'dynamodb:BatchGetItem table/b']],
    ['DynamoDB_20120810.TransactWriteItems', { TransactItems: [{ Put: { TableName: 'a' } }, { ConditionCheck: { TableName: 'b' } }] },
      ['dynamodb:PutItem table/a', 'dynamodb:ConditionCheckItem table/b']],
    ['DynamoDB_20120810.BatchExecuteStatement', { Statements: [{ Statement: 'INSERT INTO "a" VALUE {}' }, { Statement: 'select * from "b"."i"' }] },
      ['dynamodb:PartiQLInsert table/a', 'dynamodb:PartiQLSelect table/b/index/i']],
    ['AmazonSQS.SendMessageBatch', { QueueUrl: 'http://host/0/work.fifo' }, ['sqs:SendMessage queue/work.fifo']],
    ['AmazonSQS.ChangeMessageVisibility', { QueueUrl: 'http://host/0/work.fifo' }, ['sqs:ChangeMessageVisibility queue/work.fifo']],
  ])('%s %j', (target, body, expected) => {
    expect(needs(target, body)).toEqual(expected);
  });
});

describe('what a role permits', () => {
  const policy = (role: string, ...statements: object[]) => ({
    logicalId: 'P',
    type: 'AWS::IAM::Policy',
    properties: { Roles: [role], PolicyDocument: { Statement: statements } },
  });
  const may = permissionsOf('arn:aws:iam::1:UploadRole', [
    policy('UploadRole',
      { Effect: 'Allow', Action: ['dynamodb:GetItem', 'dynamodb:Query'], Resource: 'table/a' },
      { Effect: 'Allow', Action: 'sqs:*', Resource: ['queue/*'] },
      { Effect: 'Deny', Action: 'sqs:DeleteMessage', Resource: '*' }),
    policy('OtherRole', { Effect: 'Allow', Action: '*', Resource: '*' }),
  ]);

  it.each([
    ['dynamodb:GetItem', 'table/a', true],
    ['dynamodb:GetItem', 'table/ab', false],
    ['dynamodb:Query', 'table/a/index/i', false],
    ['dynamodb:PutItem', 'table/a', false],
    ['sqs:SendMessage', 'queue/work.fifo', true],
    ['sqs:DeleteMessage', 'queue/work.fifo', false],
    ['s3:GetObject', 'bucket', false],
  ])('%s on %s: %s', (action, resource, expected) => {
    expect(may({ action, resource })).toBe(expected);
  });
});
