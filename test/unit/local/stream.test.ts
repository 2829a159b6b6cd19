import { describe, expect, it } from 'vitest';
import { matches } from '../../../local/stream/event-pattern.ts';
import { streamRecord, undone, type StreamRecord } from '../../../local/stream/stream-poller.ts';

const HEADS = '{"dynamodb":{"Keys":{"n":{"N":["0"]}}}}';
const ARN = 'arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/local';

function record(n: string, SequenceNumber = '1'): StreamRecord {
  const ApproximateCreationDateTime = new Date(1_795_648_389_463);
  return streamRecord({ eventID: 'e', eventName: 'MODIFY', eventVersion: '1.1', dynamodb: { Keys: { scope: { S: 'user:a' }, n: { N: n } }, SequenceNumber, ApproximateCreationDateTime } }, ARN);
}

describe('a stream of the local stack', () => {
  it('gives records as Lambda does', () => {
    expect(record('0')).toEqual({
      eventID: 'e', eventName: 'MODIFY', eventVersion: '1.1', eventSource: 'aws:dynamodb', awsRegion: 'us-east-1', eventSourceARN: ARN,
      dynamodb: { Keys: { scope: { S: 'user:a' }, n: { N: '0' } }, SequenceNumber: '1', ApproximateCreationDateTime: 1_795_648_389 },
    });
  });

  it('obeys the filter of the mapping', () => {
    expect([record('0'), record('1'), record('10'), record('00')].map((one) => matches(HEADS, one))).toEqual([true, false, false, false]);
    expect(matches('{"eventName":["INSERT","MODIFY"]}', record('1'))).toBe(true);
    expect(matches('{"dynamodb":{"NewImage":{"applied":{"N":["1"]}}}}', record('1'))).toBe(false);
  });

  it('knows no operators, and says so', () => {
    expect(() => matches('{"dynamodb":{"Keys":{"n":{"N":[{"prefix":"0"}]}}}}', record('0'))).toThrow('does not know the pattern');
  });

  it('hands over again what Lambda would', () => {
    const records = ['1', '2', '3'].map((number) => record('0', number));
    const numbers = (outcome: Parameters<typeof undone>[1], partial = true) => undone(records, outcome, partial).map(({ dynamodb }) => dynamodb.SequenceNumber);
    const reports = (...ids: string[]) => ({ kind: 'ok' as const, payload: { batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) } });
    expect(numbers({ kind: 'failed', reason: 'error', message: '' })).toEqual(['1', '2', '3']);
    expect(numbers(reports())).toEqual([]);
    expect(numbers({ kind: 'ok', payload: null })).toEqual([]);
    expect(numbers(reports('3', '2'))).toEqual(['2', '3']);
    expect(numbers(reports('?'))).toEqual(['1', '2', '3']);
    expect(numbers(reports('2'), false)).toEqual([]);
  });
});
