import { describe, expect, it } from 'vitest';
import { resourcesOf, synthesized, type Resource } from './synthesized.ts';

const prod = synthesized({ stage: 'prod', corsOrigins: 'https://app.example,https://other.example' }).data;
const buckets = prod.findResources('AWS::S3::Bucket') as Record<string, Resource>;
const [photosId, photos] = Object.entries(buckets).find(([, { Properties }]) => Properties['LoggingConfiguration'] !== undefined)!;
const [logsId] = Object.entries(buckets).find(([id]) => id !== photosId)!;

describe('the buckets', () => {
  it('are private, encrypted and over TLS only, and outlive their stack in prod', () => {
    expect(Object.keys(buckets)).toHaveLength(2);
    for (const [id, { Properties, ...rest }] of Object.entries(buckets)) {
      expect(Properties['PublicAccessBlockConfiguration']).toEqual({ BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true });
      expect(Properties['OwnershipControls'].Rules).toEqual([{ ObjectOwnership: 'BucketOwnerEnforced' }]);
      expect(Properties['BucketEncryption']).toBeDefined();
      const policy = resourcesOf(prod, 'AWS::S3::BucketPolicy').find((found) => found.Properties['Bucket'].Ref === id)!;
      expect(policy.Properties['PolicyDocument'].Statement).toEqual(expect.arrayContaining([
        expect.objectContaining({ Effect: 'Deny', Action: 's3:*', Principal: { AWS: '*' }, Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      ]));
      expect([rest.DeletionPolicy, rest.UpdateReplacePolicy]).toEqual(['Retain', 'Retain']);
    }
  });

  it('log every request for a photo, and tell of what came', () => {
    expect(photos.Properties['LoggingConfiguration']).toEqual({ DestinationBucketName: { Ref: logsId } });
    expect(photos.Properties['NotificationConfiguration']).toEqual({ EventBridgeConfiguration: { EventBridgeEnabled: true } });
  });

  it('let orphans go after days, and keep what was removed as long as tables can be restored', () => {
    expect(photos.Properties['VersioningConfiguration']).toEqual({ Status: 'Enabled' });
    expect(photos.Properties['LifecycleConfiguration'].Rules).toEqual([
      { Id: 'never-named', Status: 'Enabled', Prefix: 'incoming/', ExpirationInDays: 14, NoncurrentVersionExpiration: { NoncurrentDays: 1 } },
      { Id: 'removed', Status: 'Enabled', NoncurrentVersionExpiration: { NoncurrentDays: 35 }, ExpiredObjectDeleteMarker: true },
      { Id: 'unfinished', Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
    ]);
  });

  it('take uploads of the configured origins only', () => {
    expect(photos.Properties['CorsConfiguration'].CorsRules).toEqual([{
      AllowedOrigins: ['https://app.example', 'https://other.example'],
      AllowedMethods: ['PUT', 'GET'],
      AllowedHeaders: ['content-type', 'x-amz-checksum-sha256'],
      MaxAge: 3600,
    }]);
    const none = synthesized({ stage: 'prod' }).data;
    for (const { Properties } of resourcesOf(none, 'AWS::S3::Bucket')) expect(Properties['CorsConfiguration']).toBeUndefined();
  });
});
