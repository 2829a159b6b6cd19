import { describe, expect, it } from 'vitest';
import { resourcesOf, synthesized } from './synthesized.ts';

const { service } = synthesized({ stage: 'prod', workerConcurrency: '7' });
const queues = service.findResources('AWS::SQS::Queue') as Record<string, { Properties: Record<string, any> }>;
const [deadId, dead] = Object.entries(queues).find(([, queue]) => queue.Properties['RedrivePolicy'] === undefined)!;
const [workId, work] = Object.entries(queues).find(([id]) => id !== deadId)!;
const functions = service.findResources('AWS::Lambda::Function') as Record<string, { Properties: Record<string, any> }>;
const mappings = resourcesOf(service, 'AWS::Lambda::EventSourceMapping').map((mapping) => mapping.Properties).filter((mapping) => mapping['StartingPosition'] === undefined);
const mappingOf = (queueId: string) => mappings.find((mapping) => mapping['EventSourceArn']['Fn::GetAtt'][0] === queueId)!;

describe('the work queue', () => {
  it('is one FIFO queue with one FIFO queue of dead letters', () => {
    expect(Object.keys(queues)).toHaveLength(2);
    for (const queue of [work, dead]) {
      expect(queue!.Properties['FifoQueue']).toBe(true);
      expect(queue!.Properties['QueueName']).toMatch(/\.fifo$/);
      expect(queue!.Properties['ContentBasedDeduplication']).toBeUndefined();
    }
    expect(work!.Properties['RedrivePolicy'].deadLetterTargetArn).toEqual({ 'Fn::GetAtt': [deadId, 'Arn'] });
  });

  it('gives up only after the worker itself has (five silent tries), and keeps messages for 14 days', () => {
    expect(work!.Properties['RedrivePolicy'].maxReceiveCount).toBeGreaterThan(5);
    for (const queue of [work, dead]) expect(queue!.Properties['MessageRetentionPeriod']).toBe(14 * 24 * 3600);
  });

  it('is encrypted, and refuses calls without TLS', () => {
    for (const [id, queue] of Object.entries(queues)) {
      expect(queue.Properties['SqsManagedSseEnabled']).toBe(true);
      const policy = resourcesOf(service, 'AWS::SQS::QueuePolicy')
        .find(({ Properties }) => Properties['Queues'].some((at: { Ref: string }) => at.Ref === id))!;
      expect(policy.Properties['PolicyDocument'].Statement).toEqual(expect.arrayContaining([
        expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      ]));
    }
  });

  it.each([['work', workId], ['dead letters', deadId]] as const)('%s: visibility is six times the timeout of the function it feeds', (_name, id) => {
    const fn = functions[mappingOf(id)['FunctionName'].Ref]!;
    expect(queues[id]!.Properties['VisibilityTimeout']).toBeGreaterThanOrEqual(6 * fn.Properties['Timeout']);
  });

  it('feeds worker and dead-letter with partial failures, and limits how many run at a time', () => {
    expect(mappings).toHaveLength(2);
    for (const mapping of mappings) {
      expect(mapping['FunctionResponseTypes']).toEqual(['ReportBatchItemFailures']);
      expect(mapping['BatchSize']).toBe(10);
    }
    expect(functions[mappingOf(workId)['FunctionName'].Ref]!.Properties['FunctionName']).toBe('fieldsync-prod-worker');
    expect(functions[mappingOf(deadId)['FunctionName'].Ref]!.Properties['FunctionName']).toBe('fieldsync-prod-dead-letter');
    expect(mappingOf(workId)['ScalingConfig']).toEqual({ MaximumConcurrency: 7 });
    expect(mappingOf(deadId)['ScalingConfig']).toEqual({ MaximumConcurrency: 2 });
  });

  it('does not reserve concurrency: an invocation throttled by that would count as a receive', () => {
    for (const fn of Object.values(functions)) expect(fn.Properties['ReservedConcurrentExecutions']).toBeUndefined();
  });

  it('tells the worker its own limits as they are', () => {
    const worker = Object.values(functions).find((fn) => fn.Properties['FunctionName'] === 'fieldsync-prod-worker')!;
    const env = worker.Properties['Environment'].Variables;
    expect(env.MAX_RECEIVE_COUNT).toBe(String(work!.Properties['RedrivePolicy'].maxReceiveCount));
    expect(env.VISIBILITY_SECONDS).toBe(String(work!.Properties['VisibilityTimeout']));
  });

  it('lets the worker write to its own queue again and again: Lambda would take that for a loop', () => {
    for (const [, fn] of Object.entries(functions)) {
      const consumes = /-(worker|dead-letter)$/.test(fn.Properties['FunctionName']);
      expect(fn.Properties['RecursiveLoop']).toBe(consumes ? 'Allow' : undefined);
    }
  });
});
