import type { IncomingHttpHeaders } from 'node:http';
import { laneIn, type Lane } from './lane.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };

/** A call of a function to DynamoDB or SQS, as far as faults choose by it. */
export interface ServiceCall {
  readonly service: 'dynamodb' | 'sqs';
  /** `PutItem`, `SendMessageBatch`, … */
  readonly operation: string;
  /** Access key of the calling function: its name without punctuation. */
  readonly caller: string;
  /** The table's last name, such as `scope_log`; empty for SQS. */
  readonly table: string;
  readonly index: string | undefined;
  /** It changes something. */
  readonly writes: boolean;
  /** Its answer may be stale: a read that did not ask for consistency. */
  readonly weak: boolean;
  readonly body: JsonObject;
  readonly lane: Lane;
}

const WRITES = /^(Put|Update|Delete|BatchWrite|TransactWrite|Send|Change|Execute|BatchExecute)/;

export function readCall(headers: IncomingHttpHeaders, bytes: Buffer): ServiceCall {
  const [service, operation = ''] = String(headers['x-amz-target']).split('.');
  const text = bytes.toString();
  const body = JSON.parse(text || '{}') as JsonObject;
  const sqs = service === 'AmazonSQS';
  const names = [body['TableName'], ...Object.keys(objectOf(body['RequestItems']))];
  const table = String(names.find((name) => typeof name === 'string') ?? '');
  return {
    service: sqs ? 'sqs' : 'dynamodb',
    operation,
    caller: /Credential=([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? '',
    // fieldsync-<stage>-<name>
    table: sqs ? '' : table.slice(table.lastIndexOf('-') + 1),
    index: typeof body['IndexName'] === 'string' ? body['IndexName'] : undefined,
    writes: WRITES.test(operation),
    weak: !sqs && operation === 'Query' && body['ConsistentRead'] !== true,
    body,
    lane: laneIn(text),
  };
}

export function objectOf(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}
