import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { consoleConfig } from '../../console/src/config.ts';
import { resourcesOf, synthesized } from './synthesized.ts';

const SIGN_IN = {
  consoleIssuer: 'https://login.example.org/',
  consoleClientId: 'fieldsync-console',
  consoleAuthorizeUrl: 'https://login.example.org/authorize',
  consoleTokenUrl: 'https://token.example.org/oauth2/token',
};

const { console: template, folder } = synthesized({ stage: 'prod', console: 'true', ...SIGN_IN });
const only = (type: string) => {
  const found = resourcesOf(template!, type);
  expect(found).toHaveLength(1);
  return found[0]!.Properties;
};

/** A text of the template; what is known only when deployed is the host of the WebSocket. */
function plain(text: string | { 'Fn::Join': [string, unknown[]] }): string {
  if (typeof text === 'string') return text;
  const [between, parts] = text['Fn::Join'];
  return parts.map((part) => (typeof part === 'string' ? part : 'LIVE')).join(between);
}

describe('the console’s stack', () => {
  it('is there only where it is asked for', () => {
    expect(synthesized({ stage: 'prod' }).console).toBeUndefined();
  });

  it('keeps its files in a bucket that is closed to all but CloudFront, and to all without TLS', () => {
    const bucket = only('AWS::S3::Bucket');
    expect(bucket['PublicAccessBlockConfiguration']).toEqual({ BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true });
    expect(bucket['BucketEncryption']).toBeDefined();
    const statements = only('AWS::S3::BucketPolicy')['PolicyDocument'].Statement as { Effect: string; Action: unknown; Principal: unknown; Condition: unknown }[];
    expect(statements.filter(({ Effect }) => Effect === 'Deny').map(({ Condition }) => Condition)).toEqual([
      { Bool: { 'aws:SecureTransport': 'false' } },
      { NumericLessThan: { 's3:TlsVersion': 1.2 } },
    ]);
    const allowed = statements.filter(({ Effect }) => Effect === 'Allow');
    expect(allowed).toEqual([expect.objectContaining({ Action: 's3:GetObject', Principal: { Service: 'cloudfront.amazonaws.com' } })]);
    expect(JSON.stringify(allowed[0]?.Condition)).toContain('AWS:SourceArn');
  });

  it('reads the bucket by origin access control, and passes only /api on', () => {
    expect(only('AWS::CloudFront::OriginAccessControl')['OriginAccessControlConfig']).toMatchObject({ SigningBehavior: 'always', SigningProtocol: 'sigv4' });
    const { Origins, DefaultCacheBehavior, CacheBehaviors, DefaultRootObject, CustomErrorResponses } = only('AWS::CloudFront::Distribution')['DistributionConfig'];
    expect(Origins).toHaveLength(2);
    expect(Origins[0]).toMatchObject({ OriginAccessControlId: expect.anything(), S3OriginConfig: { OriginAccessIdentity: '' } });
    expect(Origins[1].CustomOriginConfig).toMatchObject({ OriginProtocolPolicy: 'https-only', OriginSSLProtocols: ['TLSv1.2'] });
    expect(DefaultRootObject).toBe('index.html');
    expect(DefaultCacheBehavior).toMatchObject({ ViewerProtocolPolicy: 'redirect-to-https', AllowedMethods: ['GET', 'HEAD'], ResponseHeadersPolicyId: expect.anything() });
    expect(CacheBehaviors).toMatchObject([{ PathPattern: '/api/*', ViewerProtocolPolicy: 'https-only' }]);
    // They would replace the API's own problem documents.
    expect(CustomErrorResponses).toBeUndefined();
  });

  it('never keeps an answer of the API', () => {
    const { CacheBehaviors } = only('AWS::CloudFront::Distribution')['DistributionConfig'];
    const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
    expect(CacheBehaviors[0].CachePolicyId).toBe(CACHING_DISABLED);
  });

  it('sends the headers that keep a page to itself; it may speak to its own origin, the WebSocket and the token endpoint only', () => {
    const { SecurityHeadersConfig: headers, CustomHeadersConfig: custom } = only('AWS::CloudFront::ResponseHeadersPolicy')['ResponseHeadersPolicyConfig'];
    const policy = Object.fromEntries(plain(headers.ContentSecurityPolicy.ContentSecurityPolicy).split('; ').map((part) => {
      const [name = '', ...sources] = part.split(' ');
      return [name, sources.join(' ')];
    }));
    expect(policy).toMatchObject({
      'default-src': "'none'", 'script-src': "'self'", 'style-src': "'self'", 'connect-src': "'self' wss://LIVE https://token.example.org",
      'frame-ancestors': "'none'", 'base-uri': "'none'", 'require-trusted-types-for': "'script'", 'trusted-types': "'none'",
    });
    expect(JSON.stringify(policy)).not.toMatch(/unsafe|\*|data:/);
    expect(headers.StrictTransportSecurity).toMatchObject({ AccessControlMaxAgeSec: 31_536_000 });
    expect(headers).toMatchObject({ ContentTypeOptions: { Override: true }, FrameOptions: { FrameOption: 'DENY' }, ReferrerPolicy: { ReferrerPolicy: 'no-referrer' } });
    expect((custom.Items as { Header: string }[]).map(({ Header }) => Header)).toEqual(['Permissions-Policy', 'Cross-Origin-Opener-Policy']);
  });

  it('has TLS 1.2 at least with a domain of its own', () => {
    const named = synthesized({
      stage: 'prod', console: 'true', consoleDomain: 'console.example.org', consoleCertificateArn: 'arn:aws:acm:us-east-1:111111111111:certificate/abc',
    }).console!;
    const { Aliases, ViewerCertificate } = resourcesOf(named, 'AWS::CloudFront::Distribution')[0]!.Properties['DistributionConfig'];
    expect(Aliases).toEqual(['console.example.org']);
    expect(ViewerCertificate).toMatchObject({ MinimumProtocolVersion: 'TLSv1.2_2021', SslSupportMethod: 'sni-only' });
  });

  it('writes a config.json that the page accepts, and nothing secret into it', () => {
    const [written, ...others] = globSync('**/config.json', { cwd: folder });
    expect(others).toEqual([]);
    const config = {
      stage: 'prod', api: '', live: expect.any(String),
      sign_in: { issuer: SIGN_IN.consoleIssuer, authorization_endpoint: SIGN_IN.consoleAuthorizeUrl, token_endpoint: SIGN_IN.consoleTokenUrl, client_id: SIGN_IN.consoleClientId, scope: 'openid', token: 'access_token' },
    };
    expect(JSON.parse(readFileSync(join(folder, written!), 'utf8'))).toEqual(config);
    const deployed = { ...config, live: 'wss://abc.execute-api.eu-central-1.amazonaws.com/live' };
    expect(z.parse(consoleConfig, deployed)).toEqual(deployed);
  });

  it.each([
    [{ consoleIssuer: 'https://login.example.org/' }, /needs all of/],
    [{ ...SIGN_IN, consoleTokenUrl: 'http://token.example.org/' }, /expected an https URL/],
    [{ ...SIGN_IN, consoleToken: 'cookie' }, /access_token or id_token/],
    [{ consoleDomain: 'console.example.org' }, /belong together/],
  ])('refuses %j', (context, message) => {
    expect(() => synthesized({ console: 'true', ...context } as Record<string, string>)).toThrow(message);
  });
});
