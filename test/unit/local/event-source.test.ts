import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../local/lambda/local-function.ts';
import { finished, sqsRecord } from '../../../local/queue/poller.ts';
import { rateMs } from '../../../local/template/read-resources.ts';

const ids = ['a', 'b', 'c'];
const ok = (payload: unknown): Outcome => ({ kind: 'ok', payload });
const failing = (...failed: unknown[]) => ok({ batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) });

describe('the messages an event source mapping deletes', () => {
  it.each([
    ['all, after an answer without failures', failing(), ids],
    ['all, after an empty answer', ok(null), ids],
    ['all, after an answer that says nothing of failures', ok({}), ids],
    ['all but the failed ones', failing('b'), ['a', 'c']],
    ['none, if all failed', failing('a', 'b', 'c'), []],
    ['none, after an error', { kind: 'failed', reason: 'error', message: '' } as Outcome, []],
    ['none, if a failure names an unknown message', failing('b', 'x'), []],
    ['none, if a failure names nothing', failing(undefined), []],
    ['none, if the answer makes no sense', ok({ batchItemFailures: 'b' }), []],
  ])('are %s', (_what, outcome, expected) => {
    expect([...finished(ids, outcome, true)]).toEqual(expected);
  });

  it('are all, without partial failures, whatever a successful function says', () => {
    expect([...finished(ids, failing('b'), false)]).toEqual(ids);
  });
});

describe('a record of an SQS event', () => {
  it('has what the worker reads', () => {
    expect(sqsRecord({
      MessageId: 'm', ReceiptHandle: 'h', Body: '{}', MD5OfBody: 'x',
      Attributes: { ApproximateReceiveCount: '2', MessageGroupId: 'g', MessageDeduplicationId: 'd', SentTimestamp: '1' },
    }, 'arn:aws:sqs:r:1:q.fifo', 'r')).toEqual({
      messageId: 'm', receiptHandle: 'h', body: '{}', md5OfBody: 'x', messageAttributes: {},
      attributes: { ApproximateReceiveCount: '2', MessageGroupId: 'g', MessageDeduplicationId: 'd', SentTimestamp: '1' },
      eventSource: 'aws:sqs', eventSourceARN: 'arn:aws:sqs:r:1:q.fifo', awsRegion: 'r',
    });
  });
});

describe('a schedule', () => {
  it.each([['rate(1 minute)', 60_000], ['rate(5 minutes)', 300_000], ['rate(2 hours)', 7_200_000]])('%s is %d ms', (text, ms) => {
    expect(rateMs(text)).toBe(ms);
  });

  it('is refused where it is not understood', () => {
    expect(() => rateMs('cron(0 * * * ? *)')).toThrow('cron');
  });
});
