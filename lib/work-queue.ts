import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { DeduplicationScope, FifoThroughputLimit, Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ENV } from '../src/runtime/env.ts';
import type { Access } from './access.ts';
import { FUNCTIONS } from './functions.ts';
import type { StageConfig } from './stage.ts';

/** AWS asks for six times the function's timeout: a throttled mapping holds messages before it can invoke. */
const VISIBILITY_PER_TIMEOUT = 6;
/**
 * Above the five silent tries after which the worker itself calls a batch poison (design 4, Worker): what reaches the
 * dead letter queue is then trouble on our side, not poison.
 */
const MAX_RECEIVE_COUNT = 10;
const BATCH_SIZE = 10;

/** The FIFO queue between upload and worker, and its dead letters. Messages only point at rows of the inbox. */
export class WorkQueue extends Construct {
  readonly work: Queue;
  readonly deadLetters: Queue;
  readonly #config: StageConfig;

  constructor(scope: Construct, id: string, config: StageConfig) {
    super(scope, id);
    this.#config = config;
    this.deadLetters = new Queue(this, 'DeadLetters', {
      ...fifo(`fieldsync-${config.stage}-dead.fifo`),
      visibilityTimeout: Duration.seconds(VISIBILITY_PER_TIMEOUT * FUNCTIONS['dead-letter'].timeoutSeconds),
    });
    this.work = new Queue(this, 'Work', {
      ...fifo(`fieldsync-${config.stage}-work.fifo`),
      visibilityTimeout: Duration.seconds(VISIBILITY_PER_TIMEOUT * FUNCTIONS.worker.timeoutSeconds),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MAX_RECEIVE_COUNT },
    });
  }

  /** Gives `fn` exactly these actions on the work queue, and what it must know of it. */
  grant(fn: LambdaFunction, actions: NonNullable<Access['queue']>): void {
    fn.addToRolePolicy(new PolicyStatement({
      actions: actions.map((action) => `sqs:${action}`),
      resources: [this.work.queueArn],
    }));
    fn.addEnvironment(ENV.queueUrl, this.work.queueUrl);
  }

  /** Feeds `fn` from the work queue or from the dead letters. */
  feed(fn: LambdaFunction, from: 'work' | 'deadLetters'): void {
    fn.addEventSource(new SqsEventSource(this[from], {
      batchSize: BATCH_SIZE,
      reportBatchItemFailures: true,
      // Not reserved concurrency: an invocation that it throttles would count as a receive, and ten of those as dead.
      maxConcurrency: from === 'work' ? this.#config.workerConcurrency : 2,
    }));
    fn.addEnvironment(ENV.maxReceiveCount, String(MAX_RECEIVE_COUNT));
    fn.addEnvironment(ENV.visibilitySeconds, String(VISIBILITY_PER_TIMEOUT * FUNCTIONS.worker.timeoutSeconds));
  }
}

function fifo(queueName: string): QueueProps {
  return {
    queueName,
    fifo: true,
    // Limits per scope (3,000 messages/s in all would be the limit otherwise); ids are unique within a scope.
    fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
    deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
    retentionPeriod: Duration.days(14),
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
  };
}
