import { crc32 } from 'node:zlib';
import type { ServiceCall } from './service-call.ts';

/** An answer as it goes over the wire. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const THROTTLED = [
  'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
  'com.amazonaws.dynamodb.v20120810#RequestLimitExceeded',
  'com.amazon.coral.availability#ThrottlingException',
] as const;

/** What the service says when there is too much to do: a 400, which is no fault of ours all the same. */
export function throttled({ service }: Pick<ServiceCall, 'service'>, dice: number): WireAnswer {
  if (service === 'sqs') return sqsError(400, 'com.amazon.coral.availability#ThrottlingException', 'RequestThrottled;Sender');
  return dynamoAnswer(400, { __type: THROTTLED[Math.floor(dice * 3)] ?? THROTTLED[0], message: 'Rate of requests exceeds the allowed throughput.' });
}

/** A 5xx: of the service itself, or of something before it that does not speak its language. */
export function failed({ service }: Pick<ServiceCall, 'service'>, dice: number): WireAnswer {
  if (dice < 0.2) {
    const body = Buffer.from('<html><body><b>Http/1.1 Service Unavailable</b></body></html>');
    return { status: 503, headers: { 'content-type': 'text/html' }, body };
  }
  if (service === 'sqs') return sqsError(500, 'com.amazonaws.sqs#InternalError', 'InternalError;Receiver');
  return dynamoAnswer(500, {
    __type: 'com.amazonaws.dynamodb.v20120810#InternalServerError',
    message: 'The request processing has failed because of an unknown error, exception or failure.',
  });
}

/** As DynamoDB answers, checksum included. */
export function dynamoAnswer(status: number, content: object): WireAnswer {
  const body = Buffer.from(JSON.stringify(content));
  return { status, headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-crc32': String(crc32(body)) }, body };
}

export function sqsAnswer(status: number, content: object): WireAnswer {
  return { status, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: Buffer.from(JSON.stringify(content)) };
}

function sqsError(status: number, type: string, query: string): WireAnswer {
  const answer = sqsAnswer(status, { __type: type, message: 'Try again.' });
  return { ...answer, headers: { ...answer.headers, 'x-amzn-query-error': query } };
}
