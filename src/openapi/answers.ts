import { ERROR_CODES, type ErrorCode } from '../protocol/error-codes.ts';
import { refTo } from './components.ts';
import type { Schema } from './json-schema.ts';
import type { Content, Operation } from './operations.ts';

/** What the gateway may answer by itself on any route, before or behind a function. */
const OF_THE_GATEWAY: ReadonlySet<number> = new Set([413, 429, 503]);
const GATEWAY_CONTENT: Schema = { 'application/json': { schema: refTo('GatewayMessage') } };

const REQUEST_ID: Schema = { 'X-Request-Id': { $ref: '#/components/headers/RequestId' } };

/** Every answer of an operation by status: its own, problems by their codes, and what the gateway says (`default`). */
export function answersOf(operation: Operation): Record<string, Schema> {
  const codes = new Map<number, ErrorCode[]>();
  for (const code of codesOf(operation)) {
    const { status } = ERROR_CODES[code];
    codes.set(status, [...(codes.get(status) ?? []), code]);
  }
  const problems = [...codes].map(([status, found]) => [String(status), problemAnswer(status, found, operation.answers[status])]);
  const others = Object.entries(operation.answers).filter(([status]) => !codes.has(Number(status)));
  return {
    ...Object.fromEntries(others.map(([status, answer]) => [status, ownAnswer(answer, operation)])) as Record<string, Schema>,
    ...(codes.has(429) ? {} : { 429: { description: 'Too many requests at once, says the gateway.', content: GATEWAY_CONTENT } }),
    ...(Object.fromEntries(problems) as Record<string, Schema>),
    default: { description: 'What the gateway itself refuses, or could not reach: no problem document, only a message.', content: GATEWAY_CONTENT },
  };
}

/** Trouble and bugs may meet every route. */
function codesOf(operation: Operation): Set<ErrorCode> {
  const ofTokens: ErrorCode[] = operation.public ? [] : ['unauthorized', 'token_expired', 'forbidden', 'unavailable'];
  return new Set([...ofTokens, ...operation.codes, 'internal']);
}

function ownAnswer({ description, ...content }: Content & { description: string }, { prefer }: Operation): Schema {
  if ('empty' in content) return { description, headers: REQUEST_ID };
  const type = 'file' in content ? content.file : 'application/json';
  const media = 'file' in content ? {} : { schema: refTo(content.schema) };
  const headers = prefer === undefined ? REQUEST_ID : { ...REQUEST_ID, 'Preference-Applied': { $ref: '#/components/headers/PreferenceApplied' } };
  return { description, headers, content: { [type]: media } };
}

function problemAnswer(status: number, codes: readonly ErrorCode[], own: (Content & { description: string }) | undefined): Schema {
  const base = refTo(own && 'schema' in own ? own.schema : 'Problem');
  const titles = codes.map((code) => `\`${code}\`: ${ERROR_CODES[code].title.toLowerCase()}`);
  return {
    description: `${own ? `${own.description} ` : ''}${titles.join('; ')}.`,
    headers: {
      ...REQUEST_ID,
      ...(status === 401 ? { 'WWW-Authenticate': { $ref: '#/components/headers/Challenge' } } : {}),
      ...(status === 429 || status === 503 ? { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } } : {}),
    },
    content: {
      'application/problem+json': { schema: { ...base, properties: { code: { enum: codes } } } },
      ...(OF_THE_GATEWAY.has(status) ? GATEWAY_CONTENT : {}),
    },
  };
}

export const HEADERS: Record<string, Schema> = {
  RequestId: { description: 'Names the request in the logs.', schema: { type: 'string' } },
  RetryAfter: { description: 'Seconds after which another try makes sense. The gateway\'s own refusals lack it.', schema: { type: 'integer', minimum: 1 } },
  Challenge: { description: 'Asks for a bearer token (RFC 6750).', schema: { type: 'string' } },
  PreferenceApplied: { description: 'The preferences that were honoured (RFC 7240).', schema: { type: 'string' } },
};
