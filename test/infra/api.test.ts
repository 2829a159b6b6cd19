import { describe, expect, it } from 'vitest';
import { ROUTES } from '../../src/http/routes.ts';
import { resourcesOf, synthesized } from './synthesized.ts';

const { service } = synthesized({ stage: 'prod', corsOrigins: 'https://console.example.org' });
const [httpApi] = Object.keys(service.findResources('AWS::ApiGatewayV2::Api', { Properties: { ProtocolType: 'HTTP' } }));

describe('the HTTP API', () => {
  it('has the routes of the contract, each for the function that answers it', () => {
    const integrations = service.findResources('AWS::ApiGatewayV2::Integration') as Record<string, { Properties: Record<string, any> }>;
    const routes = resourcesOf(service, 'AWS::ApiGatewayV2::Route').filter(({ Properties }) => Properties['ApiId'].Ref === httpApi).map(({ Properties }) => {
      const integration = integrations[Properties['Target']['Fn::Join'][1][1].Ref]!.Properties;
      expect(integration['PayloadFormatVersion']).toBe('2.0');
      const logicalId = integration['IntegrationUri']['Fn::GetAtt'][0] as string;
      return [Properties['RouteKey'], logicalId.replace(/Function[0-9A-F]{8}$/, '')];
    });
    const wanted = Object.entries({ ...ROUTES, fallback: ['$default'] }).flatMap(([name, routeKeys]) =>
      routeKeys.map((routeKey) => [routeKey, (name === 'fallback' ? 'health' : name).replaceAll('-', '')]));
    expect(routes.sort()).toEqual(wanted.sort());
  });

  it('throttles, and writes an access log without queries, headers and paths', () => {
    const stage = resourcesOf(service, 'AWS::ApiGatewayV2::Stage').find(({ Properties }) => Properties['ApiId'].Ref === httpApi);
    expect(stage!.Properties).toMatchObject({ StageName: '$default', AutoDeploy: true });
    expect(stage!.Properties['DefaultRouteSettings']).toEqual({ ThrottlingRateLimit: 500, ThrottlingBurstLimit: 1000 });
    const format = stage!.Properties['AccessLogSettings'].Format as string;
    expect(format).toContain('$context.routeKey');
    expect(format).not.toMatch(/header|query|authorizer|path/i);
  });

  it('lets only the listed origins call it from a browser', () => {
    const cors = resourcesOf(service, 'AWS::ApiGatewayV2::Api')[0]!.Properties['CorsConfiguration'];
    expect(cors.AllowOrigins).toEqual(['https://console.example.org']);
    expect(cors.AllowHeaders).toContain('authorization');
    expect(cors.ExposeHeaders).toContain('retry-after');
    expect(cors.AllowCredentials).toBeUndefined();
    const without = synthesized({ stage: 'prod' }).service;
    expect(resourcesOf(without, 'AWS::ApiGatewayV2::Api')[0]!.Properties['CorsConfiguration']).toBeUndefined();
  });

  it.each(['*', 'https://*.example.org', 'console.example.org', 'https://a.example/path'])('refuses %s as an origin', (corsOrigins) => {
    expect(() => synthesized({ corsOrigins })).toThrow('is not an origin');
  });

  it('takes issuer, audience, key set and epoch at deployment, and names no issuer itself', () => {
    const parameters = service.toJSON()['Parameters'] as Record<string, { Default?: unknown }>;
    for (const name of ['TokenIssuer', 'TokenAudience', 'TokenJwksUrl']) {
      expect(parameters[name]).toBeDefined();
      expect(parameters[name]!.Default).toBeUndefined();
    }
    expect(parameters['TokenJwksUrl']).toMatchObject({ AllowedPattern: '^https://.+' });
    expect(parameters['Epoch']).toMatchObject({ Type: 'Number', Default: 0, MinValue: 0 });
    const text = JSON.stringify(service.toJSON());
    expect(text).not.toMatch(/localhost|127\.0\.0\.1|jwks\.json|\.local/);
  });
});

describe('a stage', () => {
  it.each(['Prod', 'a', '../x', 'dev-1'])('is not called %s', (stage) => {
    expect(() => synthesized({ stage })).toThrow('a stage is');
  });

  it.each(['1', '1001', 'x', '2.5'])('does not have %s workers', (workerConcurrency) => {
    expect(() => synthesized({ workerConcurrency })).toThrow('expected a whole number');
  });
});
