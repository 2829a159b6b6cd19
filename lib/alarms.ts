import { Duration } from 'aws-cdk-lib';
import type { HttpStage } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  Alarm, ComparisonOperator, Metric, Stats, TreatMissingData, type MetricOptions,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { METRICS_NAMESPACE } from '../src/runtime/env.ts';
import type { FunctionSpec } from './functions.ts';
import type { StageConfig } from './stage.ts';
import type { WorkQueue } from './work-queue.ts';

const WORST_OF_5_MINUTES: MetricOptions = { period: Duration.minutes(5), statistic: Stats.MAXIMUM };
const SUM_OF_5_MINUTES: MetricOptions = { period: Duration.minutes(5), statistic: Stats.SUM };

/** How late a function may be that follows a stream. Pokes are for now; counts only must not get as old as a stream. */
const BEHIND = { follows: 60_000, counts: 3600_000 } as const;

/** What is no longer done when a scheduled function does not run. */
const MISSED: Readonly<Record<string, string>> = {
  sweeper: 'batches whose message was lost stay pending (P13)',
  'attachment-check': 'photos whose event was lost stay awaited, and what was released is not removed (P13)',
  notify: 'nobody is poked, and connections outlive their token by minutes',
};

/** What should wake someone. Each alarm says in its description what is then true and where to look. */
export class Alarms extends Construct {
  /** In the order in which they were made. */
  readonly all: Alarm[] = [];
  readonly #action: SnsAction | undefined;
  readonly #stage: string;

  constructor(scope: Construct, id: string, config: StageConfig) {
    super(scope, id);
    this.#stage = config.stage;
    this.#action = config.alarmTopicArn === undefined
      ? undefined
      : new SnsAction(Topic.fromTopicArn(this, 'Topic', config.alarmTopicArn));
  }

  onQueue(queue: WorkQueue): void {
    this.#atLeast('dead-letters', queue.deadLetters.metricApproximateNumberOfMessagesVisible(WORST_OF_5_MINUTES), 1,
      'Messages wait in the dead letter queue: its function fails or lags behind.', 3);
    this.#atLeast('oldest-message', queue.work.metricApproximateAgeOfOldestMessage(WORST_OF_5_MINUTES), 300,
      'The oldest message of the work queue is over 5 minutes old: a scope is stuck, or workers lag behind.');
  }

  onFunction(name: string, fn: LambdaFunction, { everyMinutes, follows, counts }: Pick<FunctionSpec, 'everyMinutes' | 'follows' | 'counts'>): void {
    this.#atLeast(`${name}-errors`, fn.metricErrors(SUM_OF_5_MINUTES), 1,
      `${name} ended with an error or a timeout: see its log group.`);
    this.#atLeast(`${name}-throttles`, fn.metricThrottles(SUM_OF_5_MINUTES), 1,
      `${name} was throttled: the account's concurrency is used up.`);
    // What the code itself calls an alarm: a hole in a log, a dead batch, a message it can't read, … (report.ts).
    this.#atLeast(`${name}-alarms`, new Metric({
      namespace: METRICS_NAMESPACE, metricName: 'alarms', dimensionsMap: { stage: this.#stage, service: name }, ...SUM_OF_5_MINUTES,
    }), 1, `${name} reported an alarm: its log has an ERROR line with the reason.`);
    if (follows !== undefined) {
      this.#atLeast(`${name}-behind`, fn.metric('IteratorAge', WORST_OF_5_MINUTES), BEHIND.follows,
        `${name} is over a minute behind its stream: phones hear of changes late, or only by polling.`, 2);
    }
    if (counts !== undefined) {
      this.#atLeast(`${name}-behind`, fn.metric('IteratorAge', WORST_OF_5_MINUTES), BEHIND.counts,
        `${name} is over an hour behind its streams: what gets a day old is lost to the counts.`, 2);
    }
    if (everyMinutes === undefined) return;
    this.#alarm(`${name}-missing`, fn.metricInvocations(SUM_OF_5_MINUTES), {
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      evaluationPeriods: Math.max(2, Math.ceil((2 * everyMinutes) / 5)),
      treatMissingData: TreatMissingData.BREACHING,
      alarmDescription: `${name} no longer runs: ${MISSED[name] ?? 'its work is not done'}.`,
    });
  }

  onApi(stage: HttpStage): void {
    this.#atLeast('api-5xx', stage.metricServerError(SUM_OF_5_MINUTES), 5,
      'The API answered 5 or more requests with a 5xx within 5 minutes.');
  }

  #atLeast(id: string, metric: Metric, threshold: number, alarmDescription: string, evaluationPeriods = 1): void {
    this.#alarm(id, metric, {
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold,
      evaluationPeriods,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      alarmDescription,
    });
  }

  #alarm(id: string, metric: Metric, options: Omit<ConstructorParameters<typeof Alarm>[2], 'metric'>): void {
    const alarm = new Alarm(this, id, {
      alarmName: `fieldsync-${this.#stage}-${id}`, metric, ...options,
      alarmDescription: `${options.alarmDescription} What to do: docs/runbook.md#alarm-${kindOf(id)}`,
    });
    this.all.push(alarm);
    if (this.#action !== undefined) alarm.addAlarmAction(this.#action);
  }
}

/** Alarms of one kind have one section of the runbook: `worker-errors` is about errors. */
function kindOf(id: string): string {
  return /-(errors|throttles|alarms|behind|missing)$/.exec(id)?.[1] ?? id;
}
