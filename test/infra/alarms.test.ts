import { describe, expect, it } from 'vitest';
import { FUNCTIONS } from '../../lib/functions.ts';
import { METRICS_NAMESPACE } from '../../src/runtime/env.ts';
import { anchorsOf, document } from '../support/documents.ts';
import { resourcesOf, synthesized } from './synthesized.ts';

const TOPIC = 'arn:aws:sns:eu-central-1:111122223333:on-call';
const { service } = synthesized({ stage: 'prod', alarmTopicArn: TOPIC });
const alarms = resourcesOf(service, 'AWS::CloudWatch::Alarm').map((alarm) => alarm.Properties);
const alarmOf = (name: string) => alarms.find((alarm) => alarm['AlarmName'] === `fieldsync-prod-${name}`)!;

/** The physical name of what an alarm's one dimension points at. */
function watchedBy(alarm: Record<string, any>): string {
  // Of our own metrics the stage comes first or last: the function is meant.
  const [dimension] = (alarm['Dimensions'] as any[]).filter(({ Name }) => Name !== 'stage') as { Value: string | { Ref?: string; 'Fn::GetAtt'?: string[] } }[];
  if (typeof dimension!.Value === 'string') return dimension!.Value;
  const { Properties } = service.toJSON()['Resources'][dimension!.Value.Ref ?? dimension!.Value['Fn::GetAtt']![0]!];
  return Properties.QueueName ?? Properties.FunctionName ?? Properties.Name;
}

describe('alarms', () => {
  it('watch the queue, the API, and errors, throttles and alarms of every function', () => {
    expect(alarms.map((alarm) => (alarm['AlarmName'] as string).replace('fieldsync-prod-', '')).sort()).toEqual([
      'dead-letters', 'oldest-message', 'api-5xx', 'sweeper-missing', 'notify-missing', 'notify-behind', 'attachment-check-missing', 'usage-behind',
      ...Object.keys(FUNCTIONS).flatMap((name) => [`${name}-errors`, `${name}-throttles`, `${name}-alarms`]),
    ].sort());
  });

  it.each([
    ['dead-letters', 'AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'Maximum', 1, 'fieldsync-prod-dead.fifo'],
    ['oldest-message', 'AWS/SQS', 'ApproximateAgeOfOldestMessage', 'Maximum', 300, 'fieldsync-prod-work.fifo'],
    ['api-5xx', 'AWS/ApiGateway', '5xx', 'Sum', 5, 'fieldsync-prod'],
    ['notify-behind', 'AWS/Lambda', 'IteratorAge', 'Maximum', 60_000, 'fieldsync-prod-notify'],
    ['usage-behind', 'AWS/Lambda', 'IteratorAge', 'Maximum', 3_600_000, 'fieldsync-prod-usage'],
    ...Object.keys(FUNCTIONS).flatMap((name) => [
      [`${name}-errors`, 'AWS/Lambda', 'Errors', 'Sum', 1, `fieldsync-prod-${name}`],
      [`${name}-throttles`, 'AWS/Lambda', 'Throttles', 'Sum', 1, `fieldsync-prod-${name}`],
      // Holes in logs, dead batches: all that the code calls an alarm.
      [`${name}-alarms`, 'Fieldsync', 'alarms', 'Sum', 1, name],
    ] as const),
  ] as const)('%s looks at %s %s', (name, namespace, metric, statistic, threshold, watched) => {
    const alarm = alarmOf(name);
    expect(alarm).toMatchObject({
      Namespace: namespace, MetricName: metric, Statistic: statistic, Threshold: threshold, Period: 300,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold', TreatMissingData: 'notBreaching',
    });
    expect(watchedBy(alarm)).toBe(watched);
  });

  it('look for the code’s own alarms where the functions write them', () => {
    for (const { Properties } of resourcesOf(service, 'AWS::Lambda::Function')) {
      const { POWERTOOLS_SERVICE_NAME: name } = Properties['Environment'].Variables;
      expect(alarmOf(`${name}-alarms`)).toMatchObject({
        Namespace: METRICS_NAMESPACE,
        Dimensions: expect.arrayContaining([{ Name: 'stage', Value: Properties['Environment'].Variables['STAGE'] }, { Name: 'service', Value: name }]) as unknown,
      });
    }
  });

  it('each name the section of the runbook that says what to do, and every such section has an alarm', () => {
    const named = alarms.map((alarm) => /^.{20,}\. What to do: (docs\/runbook\.md)#([\w-]+)$/.exec(alarm['AlarmDescription'] as string)?.slice(1) ?? [alarm['AlarmName']]);
    const sections = anchorsOf(document('docs/runbook.md')).filter((anchor) => anchor.startsWith('alarm-'));
    expect([...new Set(named.map(([, anchor]) => anchor))].toSorted()).toEqual(sections.toSorted());
    expect(new Set(named.map(([file]) => file))).toEqual(new Set(['docs/runbook.md']));
  });

  it('say what is wrong, and tell the topic that was given', () => {
    for (const alarm of alarms) {
      expect(alarm['AlarmDescription'].length).toBeGreaterThan(20);
      expect(alarm['AlarmActions']).toEqual([TOPIC]);
    }
  });

  it('notice a schedule that no longer runs: no data is the alarm', () => {
    for (const name of ['sweeper-missing', 'notify-missing']) {
      expect(alarmOf(name)).toMatchObject({ TreatMissingData: 'breaching', ComparisonOperator: 'LessThanThreshold' });
    }
  });
});
