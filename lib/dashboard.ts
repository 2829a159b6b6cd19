import { Duration } from 'aws-cdk-lib';
import type { HttpStage } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  AlarmStatusWidget, Dashboard as CloudWatchDashboard, GraphWidget, MathExpression, Metric, Stats, TextWidget, type Alarm, type GraphWidgetProps,
  type IMetric,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { CfnFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { METRICS_NAMESPACE } from '../src/runtime/env.ts';
import type { StageConfig } from './stage.ts';
import type { WorkQueue } from './work-queue.ts';

export interface DashboardProps {
  readonly queue: WorkQueue;
  readonly api: HttpStage;
  readonly functions: readonly LambdaFunction[];
  readonly alarms: readonly Alarm[];
}

const PERIOD = Duration.minutes(5);
const WIDTH = 8;
/** Dollars; docs/performance.md says whose prices these are. */
const PRICE = { writeUnit: 0.625e-6, readUnit: 0.125e-6, request: 1e-6, gbSecond: 0.0000133334, invocation: 0.2e-6 };

/** One page: are phones syncing, what is stuck, what does it cost? */
export class Dashboard extends Construct {
  readonly #stage: string;

  constructor(scope: Construct, id: string, config: StageConfig, props: DashboardProps) {
    super(scope, id);
    this.#stage = config.stage;
    const page = new CloudWatchDashboard(this, 'Page', { dashboardName: `fieldsync-${config.stage}`, defaultInterval: Duration.days(1) });
    page.addWidgets(heading('Are phones syncing?'));
    page.addWidgets(...this.#syncing(props.api));
    page.addWidgets(heading('What is stuck?'));
    page.addWidgets(...this.#stuck(props.queue));
    page.addWidgets(new AlarmStatusWidget({ title: 'Alarms', alarms: [...props.alarms], width: 3 * WIDTH, height: 4 }));
    page.addWidgets(heading('What does it cost?'));
    page.addWidgets(...this.#costs(props));
  }

  #syncing(api: HttpStage): GraphWidget[] {
    const [success, conflict, rejected] = [this.#sum('actions_success'), this.#sum('actions_conflict'), this.#sum('actions_rejected')];
    const all = { success, conflict, rejected, overlapped: this.#sum('actions_overlapped') };
    const share = (of: string, label: string) => new MathExpression({
      expression: `100 * ${of} / (success + conflict + rejected)`, usingMetrics: all, label, period: PERIOD,
    });
    return [
      graph('Success and conflicts, % of actions', [share('success', 'success'), share('overlapped', 'met an overlap')], { leftYAxis: { min: 0, max: 100 } }),
      graph('From acceptance to outcome, ms', this.#percentiles('sync_duration_ms')),
      graph('Actions', [success, conflict, rejected]),
      graph('How old actions are when they arrive, ms', this.#percentiles('action_age_ms')),
      graph('How long devices were away, ms', this.#percentiles('offline_span_ms')),
      graph('Requests', [
        api.metricCount({ period: PERIOD, label: 'all' }), api.metricClientError({ period: PERIOD, label: '4xx' }), api.metricServerError({ period: PERIOD, label: '5xx' }),
      ]),
    ];
  }

  #stuck({ work, deadLetters }: WorkQueue): GraphWidget[] {
    return [
      graph('Oldest message of the queue, s', [work.metricApproximateAgeOfOldestMessage({ period: PERIOD, statistic: Stats.MAXIMUM })]),
      graph('Messages', [
        work.metricApproximateNumberOfMessagesVisible({ period: PERIOD, label: 'waiting' }),
        work.metricApproximateNumberOfMessagesNotVisible({ period: PERIOD, label: 'in work' }),
        deadLetters.metricApproximateNumberOfMessagesVisible({ period: PERIOD, label: 'dead letters' }),
      ]),
      graph('Batches that died, and holes', [this.#sum('batches_dead'), this.#sum('batches_redriven'), this.#sum('batches_discarded'), this.#sum('holes')]),
      graph('Trouble that heals itself', [
        this.#sum('worker_retries'), this.#sum('commits_refused'), this.#sum('commits_recovered'), this.#sum('rows_swept'), this.#sum('dead_letters'),
        this.#sum('stale_log_reads'),
      ]),
    ];
  }

  #costs({ api, functions }: DashboardProps): GraphWidget[] {
    const [written, read] = [this.#sum('write_units'), this.#sum('read_units')];
    const actions = { success: this.#sum('actions_success'), conflict: this.#sum('actions_conflict'), rejected: this.#sum('actions_rejected') };
    const perAction = new MathExpression({
      expression: 'written / (success + conflict + rejected)', usingMetrics: { written, ...actions }, label: 'write units per action', period: PERIOD,
    });
    const lambda = Object.fromEntries(functions.flatMap((fn, i) => [
      [`calls${i}`, fn.metricInvocations({ period: PERIOD })], [`ms${i}`, fn.metricDuration({ period: PERIOD, statistic: Stats.SUM })],
    ])) as Record<string, Metric>;
    const parts = functions.map((fn, i) => `calls${i} * ${plain(PRICE.invocation)} + ms${i} / 1000 * ${memoryGb(fn)} * ${plain(PRICE.gbSecond)}`);
    const dollars = [
      new MathExpression({ expression: `written * ${plain(PRICE.writeUnit)} + read * ${plain(PRICE.readUnit)}`, usingMetrics: { written, read }, label: 'DynamoDB', period: PERIOD }),
      new MathExpression({ expression: parts.map((part) => `(${part})`).join(' + '), usingMetrics: lambda, label: 'Lambda', period: PERIOD }),
      new MathExpression({ expression: `requests * ${plain(PRICE.request)}`, usingMetrics: { requests: api.metricCount({ period: PERIOD }) }, label: 'HTTP API', period: PERIOD }),
    ];
    return [
      graph('Dollars in 5 minutes, without storage, queue and logs', dollars, { stacked: true }),
      graph('Request units', [written, read], { right: [perAction] }),
      graph('Bytes of requests and responses', [this.#sum('request_bytes'), this.#sum('response_bytes')]),
    ];
  }

  #sum(metricName: string): Metric {
    return new Metric({ namespace: METRICS_NAMESPACE, metricName, dimensionsMap: { stage: this.#stage }, period: PERIOD, statistic: Stats.SUM, label: metricName });
  }

  #percentiles(metricName: string): Metric[] {
    return [50, 95].map((share) => new Metric({
      namespace: METRICS_NAMESPACE, metricName, dimensionsMap: { stage: this.#stage }, period: PERIOD, statistic: Stats.percentile(share), label: `p${share}`,
    }));
  }
}

/** Metric math knows no exponents. */
function plain(price: number): string {
  return price.toFixed(10);
}

/** What its time is paid by. */
function memoryGb(fn: LambdaFunction): number {
  return ((fn.node.defaultChild as CfnFunction).memorySize ?? 128) / 1024;
}

function heading(text: string): TextWidget {
  return new TextWidget({ markdown: `## ${text}`, width: 3 * WIDTH, height: 1 });
}

function graph(title: string, left: IMetric[], more: Partial<GraphWidgetProps> = {}): GraphWidget {
  return new GraphWidget({ title, left, width: WIDTH, height: 6, ...more });
}
