import { RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { LogGroupLogDestination, type StageOptions } from 'aws-cdk-lib/aws-apigatewayv2';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { StageConfig } from './stage.ts';

/**
 * What the stages of both APIs have alike: throttling, and an access log of their own below `scope`. `log`: its name
 * within the deployment, and a line of it.
 */
export function gatewayStage(
  scope: Construct, config: StageConfig, log: { name: string; line: Readonly<Record<string, string>> },
): Pick<StageOptions, 'autoDeploy' | 'throttle' | 'accessLogSettings'> {
  const accessLog = new LogGroup(scope, 'AccessLog', {
    logGroupName: `/fieldsync/${config.stage}/${log.name}`,
    retention: config.logRetentionDays as RetentionDays,
    removalPolicy: config.protect ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
  return {
    autoDeploy: true,
    throttle: { rateLimit: config.throttle.rate, burstLimit: config.throttle.burst },
    accessLogSettings: {
      destination: new LogGroupLogDestination(accessLog),
      format: AccessLogFormat.custom(JSON.stringify(log.line)),
    },
  };
}
