import type { IncomingMessage } from 'node:http';

/** One permission that a call to a service needs. */
export interface Need {
  /** `dynamodb:PutItem`, `sqs:SendMessage`, … */
  readonly action: string;
  /** ARN of the table, index or queue. */
  readonly resource: string;
}

export interface Arns {
  table(name: string): string;
  queue(name: string): string;
}

/** The access key id that a request is signed with. */
export function callerOf({ headers }: IncomingMessage): string {
  return /Credential=([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? 'nobody';
}

type Body = Readonly<Record<string, unknown>>;

/** What IAM would check for this call. `target`: the header `x-amz-target`, such as `DynamoDB_20120810.PutItem`. */
export function needsOf(target: string, body: Body, arns: Arns): Need[] {
  const [service, operation = ''] = target.split('.');
  return service === 'AmazonSQS' ? sqsNeeds(operation, body, arns) : dynamoNeeds(operation, body, arns);
}

/** Batches need the permission of the single call. */
function sqsNeeds(operation: string, body: Body, arns: Arns): Need[] {
  const queue = String(body['QueueUrl'] ?? body['QueueName'] ?? '').split('/').at(-1)!;
  return [{ action: `sqs:${operation.replace(/Batch$/, '')}`, resource: arns.queue(queue) }];
}

function dynamoNeeds(operation: string, body: Body, arns: Arns): Need[] {
  const need = (action: string, table: string): Need => ({ action: `dynamodb:${action}`, resource: arns.table(table) });
  switch (operation) {
    case 'BatchGetItem':
    case 'BatchWriteItem':
      return Object.keys(body['RequestItems'] ?? {}).map((table) => need(operation, tableOf(table)));
    case 'TransactGetItems':
    case 'TransactWriteItems':
      return (body['TransactItems'] as Body[]).flatMap((item) => Object.entries(item).map(([kind, part]) =>
        need(kind === 'ConditionCheck' ? 'ConditionCheckItem' : `${kind}Item`, tableOf((part as Body)['TableName']))));
    case 'ExecuteStatement':
      return [statementNeed(body['Statement'], arns)];
    case 'BatchExecuteStatement':
      return (body['Statements'] as Body[]).map((statement) => statementNeed(statement['Statement'], arns));
    case 'ExecuteTransaction':
      return (body['TransactStatements'] as Body[]).map((statement) => statementNeed(statement['Statement'], arns));
    default: {
      const { action, resource } = need(operation, tableOf(body['TableName']));
      return [{ action, resource: body['IndexName'] === undefined ? resource : `${resource}/index/${String(body['IndexName'])}` }];
    }
  }
}

/** PartiQL: `INSERT INTO "table" …`, `SELECT … FROM "table"."index" …`. */
function statementNeed(statement: unknown, arns: Arns): Need {
  const [, verb = '', table = '', index] = /^\s*(\w+)[\s\S]*?"([^"]+)"(?:\."([^"]+)")?/.exec(String(statement)) ?? [];
  const action = `dynamodb:PartiQL${verb.slice(0, 1).toUpperCase()}${verb.slice(1).toLowerCase()}`;
  const resource = arns.table(table);
  return { action, resource: index === undefined ? resource : `${resource}/index/${index}` };
}

/** A table may be named by its ARN. */
function tableOf(nameOrArn: unknown): string {
  return String(nameOrArn ?? '').split('/').at(-1)!;
}
