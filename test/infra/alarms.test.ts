import { describe, expect, it } from 'vitest';
import { FUNCTIONS } from '../../lib/functions.ts';
import { resourcesOf, synthesized } from './synthesized.ts';

const TOPIC = 'arn:aws:sns:eu-central-1:111122223333:on-call';
const alarms = resourcesOf(synthesized({ stage: 'prod', alarmTopicArn: TOPIC }).service, 'AWS::CloudWatch::Alarm')
  .map((alarm) => alarm.Properties);

describe('alarms', () => {
  it('watch the queue, the API, and errors, throttles and alarms of every function', () => {
    expect(alarms.map((alarm) => (alarm['AlarmName'] as string).replace('fieldsync-prod-', '')).sort()).toEqual([
      'dead-letters', 'oldest-message', 'api-5xx', 'sweeper-missing',
      ...Object.keys(FUNCTIONS).flatMap((name) => [`${name}-errors`, `${name}-throttles`, `${name}-alarms`]),
    ].sort());
  });

  it('say what is wrong, and tell the topic that was given', () => {
    for (const alarm of alarms) {
      expect(alarm['AlarmDescription'].length).toBeGreaterThan(20);
      expect(alarm['AlarmActions']).toEqual([TOPIC]);
    }
  });

  it('notice a schedule that no longer runs: no data is the alarm', () => {
    const missing = alarms.find((alarm) => alarm['AlarmName'].endsWith('sweeper-missing'))!;
    expect(missing).toMatchObject({ TreatMissingData: 'breaching', ComparisonOperator: 'LessThanThreshold' });
  });
});
