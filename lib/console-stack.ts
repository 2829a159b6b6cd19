import { join } from 'node:path';
import { CfnOutput, Duration, Fn, RemovalPolicy, Stack, Validations, type StackProps } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods, CachePolicy, Distribution, HeadersFrameOption, HeadersReferrerPolicy, HttpVersion, OriginProtocolPolicy, OriginRequestPolicy,
  OriginSslPolicy, ResponseHeadersPolicy, SecurityPolicyProtocol, ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { BlockPublicAccess, Bucket, BucketEncryption, type CfnBucket } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment';
import type { Construct } from 'constructs';
import { consolePolicy, FRESH_CACHE, KEPT_CACHE, KEPT_FOLDER, PERMISSIONS_POLICY } from './console-headers.ts';
import type { ConsoleSettings, StageConfig } from './stage.ts';

export interface ConsoleStackProps extends StackProps {
  /** `https://<id>.execute-api.<region>.amazonaws.com`. */
  readonly apiUrl: string;
  /** `wss://<id>.execute-api.<region>.amazonaws.com/<stage>`. */
  readonly liveUrl: string;
  /** Folder with `page/` and `assets/` (tools/build-console.ts). */
  readonly files: string;
}

/** What the copying function may do, as cdk-nag names it. */
const COPIER_NEEDS = [
  'Action::s3:GetBucket*', 'Action::s3:GetObject*', 'Action::s3:List*', 'Action::s3:Abort*', 'Action::s3:DeleteObject*',
  'Resource::arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/*',
  'Resource::<{bucket}.Arn>/*',
];

const DAYS_365 = Duration.days(365);

/**
 * The admin's console: a private bucket behind CloudFront, which also passes /api on to the API. So page and API are one
 * origin: the page needs no CORS, and may speak to nobody else but the WebSocket and the issuer's token endpoint. Only stages that ask for it
 * have it (`-c console=true`).
 */
export class ConsoleStack extends Stack {
  constructor(scope: Construct, id: string, config: StageConfig, settings: ConsoleSettings, props: ConsoleStackProps) {
    super(scope, id, { description: `Fieldsync (${config.stage}): console`, ...props });
    const bucket = this.#bucket();
    const distribution = this.#distribution(bucket, settings, props);
    this.#deploy(bucket, config, settings, props);
    new CfnOutput(this, 'ConsoleUrl', { value: `https://${settings.domain ?? distribution.distributionDomainName}/` });
  }

  #bucket(): Bucket {
    const bucket = new Bucket(this, 'Files', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      // Nothing but the build's own files, which the deployment brings and takes away.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'The bucket holds public program files only, and nobody but CloudFront reads it; what admins do is logged by the API.',
    });
    return bucket;
  }

  #distribution(bucket: Bucket, settings: ConsoleSettings, { apiUrl, liveUrl }: ConsoleStackProps): Distribution {
    const { domain, certificateArn } = settings;
    const distribution = new Distribution(this, 'Distribution', {
      comment: this.stackName,
      defaultRootObject: 'index.html',
      httpVersion: HttpVersion.HTTP2_AND_3,
      ...(domain !== undefined && certificateArn !== undefined && {
        domainNames: [domain],
        minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
        certificate: Certificate.fromCertificateArn(this, 'Certificate', certificateArn),
      }),
      defaultBehavior: {
        origin: S3BucketOrigin.withOriginAccessControl(bucket),
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
        cachePolicy: CachePolicy.CACHING_OPTIMIZED,
        responseHeadersPolicy: this.#headers(settings, hostOf(liveUrl)),
        compress: true,
      },
      additionalBehaviors: {
        '/api/*': {
          origin: new HttpOrigin(hostOf(apiUrl), {
            protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
            originSslProtocols: [OriginSslPolicy.TLS_V1_2],
          }),
          viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
          allowedMethods: AllowedMethods.ALLOW_ALL,
          cachePolicy: CachePolicy.CACHING_DISABLED,
          originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
        },
      },
      // No error pages: they would replace the API's own 403 and 404.
    });
    Validations.of(distribution).acknowledge(
      { id: 'AwsSolutions-CFR1', reason: 'Admins may travel: who may do what is decided by the token, and a country is no proof of anything.' },
      { id: 'AwsSolutions-CFR2', reason: 'Static files and an API that verifies every token and throttles by stage; a web ACL has a monthly price that small stages should not pay.' },
      { id: 'AwsSolutions-CFR3', reason: 'The API logs every request that does something (its access log); page loads are of no interest.' },
    );
    if (certificateArn === undefined) {
      Validations.of(distribution).acknowledge({
        id: 'AwsSolutions-CFR4',
        reason: 'Without a domain of its own CloudFront serves its default certificate, for which it fixes the protocol; give consoleDomain and consoleCertificateArn for TLS 1.2 at least.',
      });
    }
    return distribution;
  }

  #headers({ signIn }: ConsoleSettings, liveHost: string): ResponseHeadersPolicy {
    const connect = [`wss://${liveHost}`, ...(signIn ? [new URL(signIn.tokenUrl).origin] : [])];
    return new ResponseHeadersPolicy(this, 'Headers', {
      securityHeadersBehavior: {
        contentSecurityPolicy: { contentSecurityPolicy: consolePolicy(connect), override: true },
        strictTransportSecurity: { accessControlMaxAge: DAYS_365, includeSubdomains: false, override: true },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
      },
      customHeadersBehavior: {
        customHeaders: [
          { header: 'Permissions-Policy', value: PERMISSIONS_POLICY, override: true },
          { header: 'Cross-Origin-Opener-Policy', value: 'same-origin', override: true },
        ],
      },
    });
  }

  /** First what the page loads, then the page: whoever opens it meanwhile gets an old or a new one, whole. */
  #deploy(bucket: Bucket, config: StageConfig, { signIn }: ConsoleSettings, { files, liveUrl }: ConsoleStackProps): void {
    const runtime = {
      stage: config.stage,
      api: '',
      live: liveUrl,
      ...(signIn && {
        sign_in: {
          issuer: signIn.issuer,
          authorization_endpoint: signIn.authorizeUrl,
          token_endpoint: signIn.tokenUrl,
          client_id: signIn.clientId,
          scope: signIn.scope,
          token: signIn.token,
        },
      }),
    };
    const shared = { destinationBucket: bucket, retainOnDelete: false, memoryLimit: 256 };
    const assets = new BucketDeployment(this, 'Assets', {
      ...shared,
      sources: [Source.asset(join(files, 'assets'))],
      destinationKeyPrefix: KEPT_FOLDER,
      cacheControl: [CacheControl.fromString(KEPT_CACHE)],
      prune: false,
    });
    const page = new BucketDeployment(this, 'Page', {
      ...shared,
      sources: [Source.asset(join(files, 'page')), Source.jsonData('config.json', runtime)],
      cacheControl: [CacheControl.fromString(FRESH_CACHE)],
      prune: false,
    });
    page.node.addDependency(assets);
    this.#acknowledgeCopier(bucket);
  }

  /** CDK's own function that copies files into the bucket while a deployment runs. */
  #acknowledgeCopier(bucket: Bucket): void {
    const copier = this.node.children.find(({ node }) => node.id.startsWith('Custom::CDKBucketDeployment'));
    if (copier === undefined) throw new Error('the CDK copies files in another way than before');
    Validations.of(copier).acknowledge(
      { id: 'AwsSolutions-L1', reason: 'Its runtime is chosen by the CDK library; it runs during deployments only and handles nothing but our own files.' },
      { id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]', reason: 'The CDK library gives its copying function the basic role, which lets it write its log and nothing else.' },
      ...COPIER_NEEDS.map((needed) => ({
        id: `AwsSolutions-IAM5[${needed.replace('{bucket}', Stack.of(this).getLogicalId(bucket.node.defaultChild as CfnBucket))}]`,
        reason: 'As the CDK library grants it: to read the assets of this account and to write and remove files of this one bucket.',
      })),
    );
  }
}

/** The host of a URL that is known only when deployed. */
function hostOf(url: string): string {
  return Fn.select(2, Fn.split('/', url));
}
