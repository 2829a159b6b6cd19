import { setTimeout as sleep } from 'node:timers/promises';
import { ChangeMessageVisibilityCommand, DeleteMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Outcome } from '../lambda/local-function.ts';
import { finished } from '../queue/poller.ts';
import type { LocalStack } from '../stack-types.ts';
import type { DeliveryKind } from './fault-plan.ts';
import { laneIn, type Lane } from './lane.ts';

type Record = { messageId: string; receiptHandle: string; body: string };
type Handed = { functionName: string; lane: Lane; records: readonly Record[] };
type Invoke = (event: unknown) => Promise<Outcome>;

/** How soon a message comes back that nobody finished, s: visibility timeouts of minutes are not waited for. */
const COMES_BACK_SECONDS = 1;

/**
 * Messages on their way to functions. Their visibility timeouts are long, so that a slow machine makes no trouble of
 * its own, and end early exactly where trouble is meant.
 */
export class Deliveries {
  readonly #inFlight = new Set<Handed>();
  #sqs: SQSClient | undefined;
  #queueOf: ReadonlyMap<string, string> = new Map();

  attach({ region, sqsEndpoint, queueUrl, resources }: LocalStack): void {
    this.#sqs = new SQSClient({ region, endpoint: sqsEndpoint, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
    const base = queueUrl.slice(0, queueUrl.lastIndexOf('/'));
    const names = new Map(resources.functions.map(({ arn, shortName }) => [arn, shortName]));
    this.#queueOf = new Map(resources.mappings.map(({ functionArn, queueArn }) =>
      [names.get(functionArn) ?? functionArn, `${base}/${queueArn.split(':').at(-1)}`]));
  }

  /**
   * Hands an event to a function, each lane's messages by themselves and in the way that `fate` says, so that the trouble
   * of one is not that of the others. What is finished is deleted at once; what is not comes back soon.
   */
  async hand(functionName: string, event: unknown, invoke: Invoke, fate: (lane: Lane) => DeliveryKind | undefined): Promise<Outcome> {
    const lanes = Map.groupBy((event as { Records: Record[] }).Records, ({ body }) => laneIn(body));
    const unfinished = await Promise.all([...lanes].map(async ([lane, records]) => {
      const handed = { functionName, lane, records };
      this.#inFlight.add(handed);
      try {
        const outcome = await this.#invoke(handed, { Records: records }, invoke, fate(lane));
        const done = finished(records.map(({ messageId }) => messageId), outcome, true);
        const left = records.filter(({ messageId }) => !done.has(messageId));
        await Promise.all([
          this.#delete(functionName, records.filter(({ messageId }) => done.has(messageId))),
          this.#showAgain(functionName, left, COMES_BACK_SECONDS),
        ]);
        return left;
      } finally {
        this.#inFlight.delete(handed);
      }
    }));
    return { kind: 'ok', payload: { batchItemFailures: unfinished.flat().map(({ messageId }) => ({ itemIdentifier: messageId })) } };
  }

  /** Whatever the function is at work on becomes visible to others, as if its timeout had ended. */
  async overtake(functionName: string, lane: Lane): Promise<void> {
    const overtaken = [...this.#inFlight].filter((handed) => handed.functionName === functionName && handed.lane === lane);
    await Promise.all(overtaken.map(({ records }) => this.#showAgain(functionName, records, 0)));
  }

  stop(): void {
    this.#sqs?.destroy();
  }

  async #invoke({ functionName, records }: Handed, event: unknown, invoke: Invoke, kind: DeliveryKind | undefined): Promise<Outcome> {
    switch (kind) {
      case 'twice': {
        const [outcome] = await Promise.all([invoke(event), invoke(event)]);
        return outcome;
      }
      case 'overdue':
        await this.#showAgain(functionName, records, 0);
        await sleep(300);
        return invoke(event);
      case 'forgotten':
        await invoke(event);
        return { kind: 'failed', reason: 'crash', message: 'nobody heard how it ended' };
      case undefined:
        return invoke(event);
    }
  }

  async #delete(functionName: string, records: readonly Record[]): Promise<void> {
    const QueueUrl = this.#queueOf.get(functionName);
    await Promise.all(records.map(async ({ receiptHandle: ReceiptHandle }) => {
      await this.#sqs?.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle })).catch(() => {});
    }));
  }

  async #showAgain(functionName: string, records: readonly Record[], seconds: number): Promise<void> {
    const QueueUrl = this.#queueOf.get(functionName);
    await Promise.all(records.map(async ({ receiptHandle: ReceiptHandle }) => {
      // A message that has gone on without this receipt is visible, or done with.
      await this.#sqs?.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: seconds })).catch(() => {});
    }));
  }
}
