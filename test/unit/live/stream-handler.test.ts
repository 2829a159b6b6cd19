import type { DynamoDBRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { createMemoryReport } from '../../../src/adapters/memory/report.ts';
import { streamHandler } from '../../../src/runtime/stream-handler.ts';
import { INVOCATION } from '../../support/http.ts';

const record = (scope: string, SequenceNumber: string): DynamoDBRecord => ({ dynamodb: { Keys: { scope: { S: scope }, n: { N: '0' } }, SequenceNumber } });

function setUp(failed: (partitions: string[]) => Promise<string[]>) {
  const report = Object.assign(createMemoryReport(), { begin() {}, end() {} });
  const seen: string[][] = [];
  const handle = streamHandler({ report, deps: () => 'world' }, 'scope', async (deps, partitions, remainingMs) => {
    expect([deps, remainingMs()]).toEqual(['world', 29_000]);
    seen.push(partitions);
    return { failed: await failed(partitions) };
  });
  return { handle, seen, report };
}

describe('a function that a stream feeds', () => {
  it('hands over the partition keys of all records', async () => {
    const { handle, seen } = setUp(async () => []);
    expect(await handle({ Records: [record('user:a', '1'), record('user:b', '2'), record('user:a', '3')] }, INVOCATION)).toEqual({ batchItemFailures: [] });
    expect(seen).toEqual([['user:a', 'user:b', 'user:a']]);
  });

  it('lets the records of what failed come again', async () => {
    const { handle } = setUp(async () => ['user:b']);
    const records = [record('user:a', '1'), record('user:b', '2'), record('user:b', '3')];
    expect(await handle({ Records: records }, INVOCATION)).toEqual({ batchItemFailures: [{ itemIdentifier: '2' }, { itemIdentifier: '3' }] });
  });

  it('lets all of them come again after an error that nobody expected, and alarms without quoting it', async () => {
    const { handle, report } = setUp(() => Promise.reject(new Error('secret')));
    expect(await handle({ Records: [record('user:a', '1')] }, INVOCATION)).toEqual({ batchItemFailures: [{ itemIdentifier: '1' }] });
    expect(report.alarms()).toEqual(['consumer_failed']);
    expect(JSON.stringify(report.lines)).not.toMatch(/secret|user:a/);
  });
});
