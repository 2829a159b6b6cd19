/** An HTTP request as far as an event needs it. */
export interface GatewayRequest {
  readonly requestId: string;
  readonly method: string;
  /** Decoded, without the query. */
  readonly path: string;
  readonly rawQueryString: string;
  /** Names in lower case, one value per header line. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body: Buffer;
  readonly sourceIp: string;
  readonly timeMs: number;
}

/** The event of payload format 2.0 that an HTTP API makes of a request. */
export function gatewayEvent(
  request: GatewayRequest, routeKey: string, pathParameters: Readonly<Record<string, string>> | undefined,
): Record<string, unknown> {
  const { cookie, ...others } = request.headers;
  const headers = Object.fromEntries(Object.entries(others).map(([name, values]) => [name, values.join(',')]));
  const query = queryParameters(request.rawQueryString);
  const binary = isBinary(headers);
  return {
    version: '2.0',
    routeKey,
    rawPath: request.path,
    rawQueryString: request.rawQueryString,
    ...(cookie !== undefined && { cookies: cookie.flatMap((line) => line.split(';')).map((part) => part.trim()) }),
    headers: { ...headers, 'x-forwarded-for': request.sourceIp, 'x-forwarded-proto': 'http' },
    ...(Object.keys(query).length > 0 && { queryStringParameters: query }),
    ...(pathParameters !== undefined && { pathParameters }),
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      domainName: headers['host'] ?? 'localhost',
      domainPrefix: 'local',
      http: {
        method: request.method,
        path: request.path,
        protocol: 'HTTP/1.1',
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: request.requestId,
      routeKey,
      stage: '$default',
      time: new Date(request.timeMs).toUTCString(),
      timeEpoch: request.timeMs,
    },
    ...(request.body.length > 0 && { body: request.body.toString(binary ? 'base64' : 'utf8') }),
    isBase64Encoded: binary && request.body.length > 0,
  };
}

/** Repeated names are joined with commas; `+` is a space. */
function queryParameters(rawQueryString: string): Record<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(rawQueryString)) {
    const before = found.get(name);
    found.set(name, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(found);
}

/** Only known kinds of text reach a function as text; all else, and everything compressed, as base64. */
function isBinary(headers: Readonly<Record<string, string>>): boolean {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') return true;
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type === undefined || type === '') return false;
  return !(type.startsWith('text/') || /^application\/(.+\+)?(json|xml)$/.test(type) || type === 'application/javascript');
}
