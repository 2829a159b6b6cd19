import type { SQSRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { writeBody } from '../../../src/adapters/sqs/message-body.ts';
import { requeueAsked } from '../../../src/runtime/compose-background.ts';
import { queueHandler } from '../../../src/runtime/queue-handler.ts';
import { scheduleHandler } from '../../../src/runtime/schedule-handler.ts';
import { SyncError, Trouble } from '../../../src/service/errors.ts';
import type { Message } from '../../../src/service/ports/queue.ts';
import type { ReceivedMessage } from '../../../src/service/worker.ts';
import { INVOCATION, testRuntime } from '../../support/http.ts';

const MESSAGE: Message = { kind: 'batches', scope: 'user:zoë', owner: { user: 'zoë', device: 'phone' } };

function record(messageId: string, body: string = writeBody(MESSAGE)): SQSRecord {
  return {
    messageId,
    receiptHandle: `receipt of ${messageId}`,
    body,
    attributes: { ApproximateReceiveCount: '3', SentTimestamp: '0', SenderId: '', ApproximateFirstReceiveTimestamp: '0' },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: '',
    awsRegion: '',
  };
}

function failures(...ids: string[]) {
  return { batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) };
}

describe('a function behind a queue', () => {
  it('hands over all messages in order, and reports those that must come again', async () => {
    const runtime = testRuntime();
    const seen: ReceivedMessage[] = [];
    const handle = queueHandler(runtime, async (deps, messages, remainingMs) => {
      expect([deps, remainingMs()]).toEqual([runtime.world, 29_000]);
      seen.push(...messages);
      return { failed: ['m-2'] };
    });
    expect(await handle({ Records: ['m-1', 'm-2', 'm-3'].map((id) => record(id)) }, INVOCATION)).toEqual(failures('m-2'));
    expect(seen.map((message) => message.id)).toEqual(['m-1', 'm-2', 'm-3']);
    expect(seen[0]).toEqual({ id: 'm-1', receipt: 'receipt of m-1', receiveCount: 3, body: MESSAGE });
  });

  it('keeps a message that it can not read, works the others, and alarms without quoting it', async () => {
    const runtime = testRuntime();
    const handle = queueHandler(runtime, async (_, messages) => {
      expect(messages.map((message) => message.id)).toEqual(['m-2']);
      return { failed: [] };
    });
    const result = await handle({ Records: [record('m-1', '{"kind": "secret'), record('m-2'), record('m-3', '{"kind": "secret"}')] }, INVOCATION);
    expect(result).toEqual(failures('m-1', 'm-3'));
    expect(runtime.report.alarms()).toEqual(['message_unreadable', 'message_unreadable']);
    expect(JSON.stringify(runtime.report.lines)).not.toContain('secret');
  });

  it('lets everything come again after an error that nobody expected, and alarms', async () => {
    const runtime = testRuntime();
    const handle = queueHandler(runtime, () => Promise.reject(new Error('secret')));
    expect(await handle({ Records: [record('m-1'), record('m-2')] }, INVOCATION)).toEqual(failures('m-1', 'm-2'));
    expect(runtime.report.alarms()).toEqual(['consumer_failed']);
  });

  it('lets everything come again when its settings are wrong', async () => {
    const { report } = testRuntime();
    const deps = () => {
      throw new Error('EPOCH is not set');
    };
    const handle = queueHandler({ report, deps }, async () => ({ failed: [] }));
    expect(await handle({ Records: [record('m-1')] }, INVOCATION)).toEqual(failures('m-1'));
  });
});

describe('a function on a schedule', () => {
  it('answers what it did', async () => {
    const handle = scheduleHandler(testRuntime(), async (_, event) => ({ event }));
    expect(await handle({ action: 'requeue' }, INVOCATION)).toEqual({ event: { action: 'requeue' } });
  });

  it('is asked for a requeue with a place to go on from and the second that was restored to, or says that it did not understand', () => {
    expect(requeueAsked({ 'detail-type': 'Scheduled Event' })).toBeUndefined();
    expect(requeueAsked({ action: 'requeue' })).toEqual({});
    expect(requeueAsked({ action: 'requeue', after: 'user:alice', restoredTo: '2030-01-01T00:00:00Z' }))
      .toEqual({ after: 'user:alice', restoredTo: Date.UTC(2030, 0, 1) });
    for (const wrong of [{ restoredTo: 'yesterday' }, { restoredTo: 5 }, { after: 5 }, { restoredto: '2030-01-01T00:00:00Z' }]) {
      expect(() => requeueAsked({ action: 'requeue', ...wrong })).toThrow(SyncError);
    }
  });

  it('fails with the class of the error and no more, and alarms', async () => {
    const runtime = testRuntime();
    const handle = scheduleHandler(runtime, () => Promise.reject(new Trouble('secret', undefined)));
    await expect(handle({}, INVOCATION)).rejects.toThrow(/^the run failed: Trouble$/);
    expect(runtime.report.alarms()).toEqual(['run_failed']);
  });
});
