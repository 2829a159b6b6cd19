import type { OutgoingHttpHeaders } from 'node:http';
import type { Outcome } from '../lambda/local-function.ts';

export interface GatewayResponse {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

/** What Lambda can answer with, in bytes of JSON. */
const LARGEST_RESULT = 6 * 1024 * 1024;

/** The gateway's own answers have this one shape, which can't be changed on AWS either. */
export function ownAnswer(status: number, message: string): GatewayResponse {
  return json(status, JSON.stringify({ message }));
}

/** The HTTP response for a function's result, by the rules of payload format 2.0. */
export function gatewayResponse(outcome: Outcome): GatewayResponse {
  if (outcome.kind === 'failed') return ownAnswer(500, 'Internal Server Error');
  const { payload } = outcome;
  const text = JSON.stringify(payload);
  if (Buffer.byteLength(text) > LARGEST_RESULT) return ownAnswer(500, 'Internal Server Error');
  if (typeof payload !== 'object' || payload === null || !('statusCode' in payload)) return json(200, text);

  const { statusCode, headers = {}, cookies, body = '', isBase64Encoded } = payload as FunctionResponse;
  if (!Number.isInteger(statusCode) || statusCode < 200 || statusCode > 599 || typeof body !== 'string') {
    return ownAnswer(500, 'Internal Server Error');
  }
  return {
    status: statusCode,
    headers: {
      'content-type': 'text/plain;charset=UTF-8',
      ...Object.fromEntries(Object.entries(headers)
        .filter(([name]) => !OWN_HEADERS.has(name.toLowerCase()))
        .map(([name, value]) => [name.toLowerCase(), String(value)])),
      ...(cookies !== undefined && { 'set-cookie': [...cookies] }),
    },
    body: Buffer.from(body, isBase64Encoded === true ? 'base64' : 'utf8'),
  };
}

/** Set by the server itself. */
const OWN_HEADERS: ReadonlySet<string> = new Set(['connection', 'content-length', 'transfer-encoding', 'keep-alive']);

function json(status: number, text: string): GatewayResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: Buffer.from(text) };
}

interface FunctionResponse {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly cookies?: readonly string[];
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}
