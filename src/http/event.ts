import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/** What the functions read of an HTTP API's event (payload format 2.0). Header names are in lower case. */
export type HttpEvent = Pick<
  APIGatewayProxyEventV2,
  'routeKey' | 'rawPath' | 'headers' | 'queryStringParameters' | 'pathParameters' | 'body' | 'isBase64Encoded'
> & {
  requestContext: Pick<APIGatewayProxyEventV2['requestContext'], 'requestId'> & { http: { method: string }; timeEpoch?: number };
};

/** What the functions read of an invocation's context. */
export type Invocation = { awsRequestId: string; getRemainingTimeInMillis: () => number };

/** An answer before it is encoded. `body` becomes JSON; bytes go as they are, and `headers` say what they are. */
export type Answer = { status: number; body: object; headers?: Readonly<Record<string, string>> };
