import { CfnOutput, Duration, Fn, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { BlockPublicAccess, Bucket, BucketEncryption, HttpMethods, ObjectOwnership, type BucketProps, type CfnBucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { ENV } from '../src/runtime/env.ts';
import type { Access } from './access.ts';
import type { StageConfig } from './stage.ts';

/** What no record names is given up by the runtime after 7 days; this leaves a week to move what was named at the last moment. */
const INCOMING_DAYS = 14;
/** As long as tables can be restored: a restore must find the photos of then (runbook, Restore). */
const RECOVERABLE_DAYS = 35;

/**
 * Photos: phones put them below `incoming/`, where they expire; what records name lies below `photos/`. Private, over TLS
 * only, encrypted; every request is logged. Versioned, so that what was removed can be had back as long as the tables' own
 * past.
 */
export class PhotoBucket extends Construct {
  constructor(scope: Construct, id: string, config: StageConfig) {
    super(scope, id);
    const shared: BucketProps = {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: config.protect ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    };
    const logs = new Bucket(this, 'AccessLogs', {
      ...shared,
      lifecycleRules: [{ expiration: Duration.days(config.logRetentionDays), abortIncompleteMultipartUploadAfter: Duration.days(1) }],
    });
    const bucket = new Bucket(this, 'Photos', {
      ...shared,
      versioned: true,
      serverAccessLogsBucket: logs,
      cors: config.corsOrigins.length === 0 ? [] : [{
        allowedOrigins: [...config.corsOrigins],
        allowedMethods: [HttpMethods.PUT, HttpMethods.GET],
        allowedHeaders: ['content-type', 'x-amz-checksum-sha256'],
        maxAge: 3600,
      }],
      lifecycleRules: [
        { id: 'never-named', prefix: 'incoming/', expiration: Duration.days(INCOMING_DAYS), noncurrentVersionExpiration: Duration.days(1) },
        { id: 'removed', noncurrentVersionExpiration: Duration.days(RECOVERABLE_DAYS), expiredObjectDeleteMarker: true },
        { id: 'unfinished', abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
    });
    // Events by EventBridge: the service stack hangs its rule there, and this one needs to know nothing of it. CDK's own
    // switch for it would bring a function with wide rights.
    (bucket.node.defaultChild as CfnBucket).addPropertyOverride('NotificationConfiguration.EventBridgeConfiguration', { EventBridgeEnabled: true });
    new CfnOutput(this, 'Name', { value: bucket.bucketName, exportName: nameOf(config) });
  }
}

/** What the bucket's generated name is exported under. */
function nameOf(config: StageConfig): string {
  return `fieldsync-${config.stage}-photos`;
}

/** The data stack's bucket, for the service stack. */
export function photoBucket(scope: Construct, config: StageConfig): IBucket {
  return Bucket.fromBucketName(scope, 'photos', Fn.importValue(nameOf(config)));
}

/** Gives `fn` exactly these actions below these prefixes, and the bucket's name. */
export function grantBucket(fn: LambdaFunction, bucket: IBucket, config: StageConfig, { lists, ...places }: NonNullable<Access['bucket']>): void {
  fn.addEnvironment(ENV.bucket, bucket.bucketName);
  for (const [place, actions] of Object.entries(places)) {
    fn.addToRolePolicy(new PolicyStatement({ actions: actions.map((action) => `s3:${action}`), resources: [bucket.arnForObjects(`${place}/*`)] }));
    // The role stands beside the function.
    Validations.of(fn.node.scope ?? fn).acknowledge({
      id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::${nameOf(config)}/${place}/*]`,
      reason: 'One object per photo: their keys are not known beforehand, the prefix is.',
    });
  }
  // Without it S3 says 403 of what is not there.
  if (lists) fn.addToRolePolicy(new PolicyStatement({ actions: ['s3:ListBucket'], resources: [bucket.bucketArn] }));
}
