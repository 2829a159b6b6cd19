import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { ACCESS, type Access, type FunctionName } from './access.ts';
import { Alarms } from './alarms.ts';
import { Dashboard } from './dashboard.ts';
import { DeployParameters } from './deploy-parameters.ts';
import { FUNCTIONS } from './functions.ts';
import { LiveApi } from './live-api.ts';
import { grantBucket, photoBucket } from './photo-bucket.ts';
import type { StageConfig } from './stage.ts';
import { SyncApi } from './sync-api.ts';
import { SyncFunction } from './sync-function.ts';
import { grantTables, restoredTables, type AllTables, type Tables } from './sync-tables.ts';
import { UsageFeed } from './usage-feed.ts';
import { WorkQueue } from './work-queue.ts';

export interface ServiceStackProps extends StackProps {
  readonly tables: Tables;
  /** Folder with one bundle `<name>/index.cjs` per function. */
  readonly bundles: string;
}

/** All that can be thrown away and deployed again: functions, their APIs, queue, schedules and alarms. */
export class ServiceStack extends Stack {
  readonly apiUrl: string;
  readonly liveUrl: string;

  constructor(scope: Construct, id: string, config: StageConfig, props: ServiceStackProps) {
    super(scope, id, {
      description: `Fieldsync (${config.stage}): service`,
      terminationProtection: config.protect,
      ...props,
    });
    const stored = config.restoredTables === undefined
      ? props.tables
      : restoredTables(this, config.restoredTables, config.restoredStreams);
    const photos = photoBucket(this, config);
    const parameters = new DeployParameters(this, 'Parameters');
    const queue = new WorkQueue(this, 'Queue', config);
    const api = new SyncApi(this, 'Http', config);
    const live = new LiveApi(this, 'Live', config);
    const tables: AllTables = { ...stored, connections: live.connections };
    const usage = new UsageFeed(this, 'Usage');
    const alarms = new Alarms(this, 'Alarms', config);
    alarms.onQueue(queue);
    alarms.onApi(api.stage);

    const functions: LambdaFunction[] = [];
    for (const name of Object.keys(FUNCTIONS) as FunctionName[]) {
      const fn = new SyncFunction(this, name, config, props.bundles).lambda;
      const spec = FUNCTIONS[name];
      const access: Access = ACCESS[name];

      grantTables(fn, tables, access.tables);
      if (access.queue !== undefined) queue.grant(fn, access.queue);
      if (access.bucket !== undefined) grantBucket(fn, photos, config, access.bucket);
      if (access.verifiesTokens) parameters.grantTokenNames(fn);
      if (Object.keys(access.tables).some((table) => table in stored)) parameters.grantEpoch(fn);
      if (access.sockets !== undefined) live.grant(fn, access.sockets);

      if (spec.routes !== undefined) api.route(fn, spec.routes);
      if (spec.liveRoutes !== undefined) live.route(fn, spec.liveRoutes);
      if (spec.consumes !== undefined) queue.feed(fn, spec.consumes);
      if (spec.follows !== undefined) live.follow(fn, tables[spec.follows]);
      if (spec.hearsOf !== undefined) this.#hear(name, fn, photos, spec.hearsOf);
      for (const table of spec.counts ?? []) usage.follow(fn, table, tables[table], table === 'scopeLog' ? 'puts' : 'all');
      if (spec.everyMinutes !== undefined) this.#schedule(name, fn, spec.everyMinutes);
      alarms.onFunction(name, fn, spec);
      functions.push(fn);
    }
    new Dashboard(this, 'Dashboard', config, { queue, api: api.stage, functions, alarms: alarms.all });

    this.apiUrl = api.api.apiEndpoint;
    this.liveUrl = live.stage.url;
    new CfnOutput(this, 'ApiUrl', { value: api.api.apiEndpoint });
    new CfnOutput(this, 'LiveUrl', { value: live.stage.url });
    new CfnOutput(this, 'WorkQueueUrl', { value: queue.work.queueUrl });
    new CfnOutput(this, 'DeadLetterQueueUrl', { value: queue.deadLetters.queueUrl });
  }

  /** A lost event costs time only: the schedule finds what is due. */
  #hear(name: FunctionName, fn: LambdaFunction, bucket: IBucket, place: string): void {
    new Rule(this, `${name}-arrivals`, {
      description: `Tells ${name} what came`,
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: { bucket: { name: [bucket.bucketName] }, object: { key: [{ prefix: `${place}/` }] } },
      },
      targets: [new LambdaTarget(fn)],
    });
  }

  #schedule(name: FunctionName, fn: LambdaFunction, everyMinutes: number): void {
    new Rule(this, `${name}-schedule`, {
      description: `Starts ${name}`,
      schedule: Schedule.rate(Duration.minutes(everyMinutes)),
      // No retries: the next minute does the same work.
      targets: [new LambdaTarget(fn, { retryAttempts: 0 })],
    });
  }
}
