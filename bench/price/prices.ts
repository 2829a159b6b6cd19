import type { FunctionName } from '../../lib/access.ts';

/*
 * AWS list prices in us-east-1 as of November 2026, in US dollars, beyond any free tier. They are assumptions of the
 * figures, not measured.
 */

/** DynamoDB on demand, per million request units. */
export const WRITE_UNITS = 0.625;
export const READ_UNITS = 0.125;
/** DynamoDB Standard, per GB and month; continuous backups beside it. */
export const STORED_GB_MONTH = 0.25;
export const BACKED_UP_GB_MONTH = 0.2;
/** SQS FIFO, per million requests of up to 64 KB each (a standard queue is 0.40). */
export const QUEUE_REQUESTS = 0.5;
/** API Gateway HTTP API, per million requests of up to 512 KB each. */
export const API_REQUESTS = 1;
/** API Gateway WebSocket API, per million messages of up to 32 KB, in either direction, and per million minutes of a connection. */
export const SOCKET_MESSAGES = 1;
export const SOCKET_MINUTES = 0.25;
/** Lambda on arm64. */
export const LAMBDA_GB_SECOND = 0.0000133334;
export const LAMBDA_REQUESTS = 0.2;
/** S3 Standard: per million requests that put or copy, per million others, per GB and month. */
export const OBJECT_PUTS = 5;
export const OBJECT_GETS = 0.4;
export const OBJECTS_GB_MONTH = 0.023;
/** EventBridge, per million events of S3. */
export const EVENTS = 1;
/** AppSync, per million query and data modification operations. */
export const APPSYNC_OPERATIONS = 4;

/** How long after it was sent a batch is applied, ms: some 50 for queue and invocation, then the worker's calls. */
export const ANSWER_MS = 150;

/**
 * Billed duration of a warm invocation, ms: calls one after the other at 5 ms each, and the code. Uploads and decisions
 * also wait for the worker, until the look after `ANSWER_MS`.
 */
export const BILLED_MS: Readonly<Record<FunctionName, number>> = {
  upload: 250,
  'resolve-conflict': 250,
  worker: 100,
  download: 60,
  status: 30,
  records: 30,
  conflicts: 30,
  attachments: 40,
  'attachment-check': 80,
  'admin-query': 60,
  'dead-letter': 60,
  sweeper: 100,
  live: 30,
  notify: 60,
  usage: 500,
  health: 5,
  docs: 5,
};
