import { expect, it } from 'vitest';
import { createReport } from '../../../src/runtime/report.ts';
import { takeOutput } from '../../support/output.ts';

const { written, lines } = takeOutput();

it('a line of the log is one line of JSON that names the request', () => {
  const report = createReport();
  report.begin('request-1');
  report.info('request', { route: 'GET /x', status: 200, ms: 3 });
  report.warn('trouble', { error: 'Trouble', at: 'a\nb' });
  report.alarm('hole_in_log', { n: 7 });
  expect(lines()).toMatchObject([
    { level: 'INFO', message: 'request', route: 'GET /x', status: 200, ms: 3, request_id: 'request-1' },
    { level: 'WARN', message: 'trouble', error: 'Trouble', at: 'a\nb' },
    { level: 'ERROR', message: 'hole_in_log', n: 7 },
  ]);
});

it('a field that is not listed stays out of the log, and says so', () => {
  createReport().info('request', { route: 'GET /x', token: 'eyJhbGci', name: 'Alice' });
  expect(lines()).toMatchObject([{ route: 'GET /x', unlisted: 'token,name' }]);
  expect(written.join('')).not.toMatch(/eyJhbGci|Alice/);
});

it('the next invocation does not carry the name of the last', () => {
  const report = createReport();
  report.begin('request-1');
  report.end();
  report.begin('request-2');
  report.info('request');
  expect(lines()).toMatchObject([{ request_id: 'request-2' }]);
});

it('invocations at the same time each have their own name, user and counts', async () => {
  const report = createReport();
  const invoke = async (name: string, ms: number) => {
    report.begin(name);
    report.by(`user of ${name}`);
    for (let i = 0; i < 3; i++) {
      report.count('rows_swept');
      await new Promise((resolve) => setTimeout(resolve, ms));
    }
    report.info('request');
    report.end();
  };
  await Promise.all([invoke('slow', 5), invoke('fast', 1)]);
  const told = lines();
  expect(told.filter((line) => 'message' in line)).toMatchObject([
    { request_id: 'fast', user: 'user of fast' },
    { request_id: 'slow', user: 'user of slow' },
  ]);
  expect(told.filter((line) => '_aws' in line)).toMatchObject([{ rows_swept: 3 }, { rows_swept: 3 }]);
});

it('metrics are written once, at the end: by stage, and alarms by function too', () => {
  const report = createReport({ POWERTOOLS_SERVICE_NAME: 'sweeper', STAGE: 'prod' });
  report.begin('request-1');
  report.count('batches_dead');
  report.count('rows_swept', 5);
  report.count('rows_swept', 2);
  report.count('request_bytes', 70);
  report.measure('sync_duration_ms', 120);
  report.measure('sync_duration_ms', 80);
  report.alarm('batch_dead');
  report.alarm('redo_failed');
  report.end();
  const [emf, ...others] = lines().filter((line) => '_aws' in line);
  const metric = (Name: string, Unit = 'Count') => ({ Name, Unit });
  expect(emf).toEqual({
    _aws: {
      Timestamp: expect.any(Number) as number,
      CloudWatchMetrics: [
        {
          Namespace: 'Fieldsync', Dimensions: [['stage']],
          Metrics: [metric('batches_dead'), metric('rows_swept'), metric('request_bytes', 'Bytes'), metric('sync_duration_ms', 'Milliseconds')],
        },
        { Namespace: 'Fieldsync', Dimensions: [['stage', 'service']], Metrics: [metric('alarms')] },
      ],
    },
    stage: 'prod',
    service: 'sweeper',
    batches_dead: 1,
    rows_swept: 7,
    request_bytes: 70,
    sync_duration_ms: [120, 80],
    alarms: 2,
  });
  expect(others).toEqual([]);
});

it('a line holds at most 100 measurements; sums are told once', () => {
  const report = createReport();
  report.begin('request-1');
  report.count('actions_success', 250);
  for (let i = 0; i < 250; i++) report.measure('sync_duration_ms', i);
  report.end();
  const metrics = lines().filter((line) => '_aws' in line);
  expect(metrics.map((line) => (line['sync_duration_ms'] as number[]).length)).toEqual([100, 100, 50]);
  expect(metrics.flatMap((line) => line['sync_duration_ms'])).toEqual(Array.from({ length: 250 }, (_, i) => i));
  expect(metrics.map((line) => line['actions_success'])).toEqual([250, undefined, undefined]);
});

it('an invocation that counted nothing writes no metrics', () => {
  const report = createReport();
  report.begin('request-1');
  report.count('batches_dead');
  report.end();
  report.begin('request-2');
  report.end();
  expect(lines().filter((line) => '_aws' in line)).toHaveLength(1);
});
