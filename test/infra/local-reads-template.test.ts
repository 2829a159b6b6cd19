import { describe, expect, it } from 'vitest';
import { stackResources } from '../../local/template/read-resources.ts';
import { readTemplates, resolveTemplates } from '../../local/template/template.ts';
import { FUNCTIONS } from '../../lib/functions.ts';
import { synthesized } from './synthesized.ts';

const names = {
  region: 'us-east-1',
  accountId: '000000000000',
  parameters: { TokenIssuer: 'iss', TokenAudience: 'aud', TokenJwksUrl: 'http://jwks' },
  queueUrl: (name: string) => `http://queues/${name}`,
};
const templates = readTemplates(synthesized().folder);
const arnOf = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
const resources = stackResources(resolveTemplates(templates, names), arnOf);

describe('what the local stack reads from the synthesized template', () => {
  it('has every table, queue, function, route, mapping and schedule', () => {
    expect(resources.tables.map((table) => table.TableName)).toHaveLength(9);
    expect(resources.queues.map((queue) => queue.QueueName).sort()).toEqual(['fieldsync-dev-dead.fifo', 'fieldsync-dev-work.fifo']);
    expect(resources.functions.map((fn) => fn.shortName).sort()).toEqual(Object.keys(FUNCTIONS).sort());
    expect(resources.routes.map((route) => route.routeKey).sort())
      .toEqual(Object.values(FUNCTIONS).flatMap((spec) => spec.routes ?? []).sort());
    expect(resources.mappings).toHaveLength(2);
    expect(resources.schedules).toEqual(['attachment-check', 'sweeper', 'notify'].map((name) => ({ functionArn: arnOf(`fieldsync-dev-${name}`), everyMs: 60_000, input: undefined })));
    expect(resources.live).toMatchObject({ stage: 'live', routes: FUNCTIONS.live.liveRoutes!.map((routeKey) => ({ routeKey, functionArn: arnOf('fieldsync-dev-live'), returnsResponse: routeKey === '$default' })) });
    expect(resources.streams.filter(({ namesShard }) => namesShard).map(({ tableName, functionArn }) => [tableName, functionArn]).toSorted()).toEqual([
      ['fieldsync-dev-client_sync_state', arnOf('fieldsync-dev-usage')], ['fieldsync-dev-scope_log', arnOf('fieldsync-dev-usage')],
    ]);
    expect(resources.streams.filter(({ namesShard }) => !namesShard)).toEqual([{
      namesShard: false, tableName: 'fieldsync-dev-scope_log', functionArn: arnOf('fieldsync-dev-notify'), batchSize: 1000, partialFailures: true, bisects: true, retries: 2,
      streamArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/fieldsync-dev-scope_log/stream/local', filters: ['{"dynamodb":{"Keys":{"n":{"N":["0"]}}}}'],
    }]);
    const bucket = resources.functions.find((fn) => fn.shortName === 'attachments')!.environment['BUCKET'];
    expect(resources.buckets.map(({ BucketName }) => BucketName)).toContain(bucket);
    expect(resources.arrivals).toEqual([{ functionArn: arnOf('fieldsync-dev-attachment-check'), bucket, prefix: 'incoming/' }]);
  });

  it('resolves environments across stacks, with parameters and queue URLs', () => {
    const upload = resources.functions.find((fn) => fn.shortName === 'upload')!;
    expect(upload.environment).toMatchObject({
      TABLE_UPLOAD_INBOX: 'fieldsync-dev-upload_inbox',
      QUEUE_URL: 'http://queues/fieldsync-dev-work.fifo',
      TOKEN_ISSUER: 'iss',
      EPOCH: '0',
      STAGE: 'dev',
    });
    for (const fn of resources.functions) {
      for (const value of Object.values(fn.environment)) expect(typeof value).toBe('string');
    }
  });

  it('leads every route, mapping and schedule to a function', () => {
    const known = new Set(resources.functions.map((fn) => fn.arn));
    for (const { functionArn } of [...resources.routes, ...resources.live.routes, ...resources.mappings, ...resources.streams, ...resources.schedules]) {
      expect(known).toContain(functionArn);
    }
    const queueArns = resources.queues.map((queue) => `arn:aws:sqs:us-east-1:000000000000:${queue.QueueName}`);
    for (const mapping of resources.mappings) expect(queueArns).toContain(mapping.queueArn);
    const work = resources.queues.find((queue) => queue.RedrivePolicy !== undefined)!;
    expect(queueArns).toContain(work.RedrivePolicy!.deadLetterTargetArn);
  });

  it('asks for parameters that have no default', () => {
    expect(() => resolveTemplates(templates, { ...names, parameters: {} })).toThrow('TokenIssuer');
  });
});
