import { ERROR_CODES } from '../../src/protocol/error-codes.ts';
import { problem } from '../../src/protocol/problem.ts';
import type { FuzzInput } from './input/requests.ts';

/** An answer as a client gets it, decompressed. */
export type Seen = { status: number; headers: Readonly<Record<string, string | undefined>>; text: string };

/** Of an answer that does not hold to the contract, what is wrong with it. */
export function faultsOfAnswer(input: FuzzInput, seen: Seen): string[] {
  const faults: string[] = [];
  if (seen.status >= 500) faults.push(`status ${seen.status}`);
  if (isGatewaysOwn(input, seen)) return faults;
  if (/node_modules|\bat .*\.(ts|cjs|js):\d|Error:|undefined is|is not a function/.test(seen.text)) faults.push('internals in the answer');
  const body = parsed(seen.text);
  if (body === undefined) return [...faults, 'an answer that is not JSON'];
  if (seen.headers['x-request-id'] === undefined || seen.headers['cache-control'] !== 'no-store') faults.push('headers are missing');
  if (seen.status < 400) return faults;

  const read = problem.safeParse(body);
  if (!read.success) return [...faults, 'a refusal that is no problem document'];
  const { code, status, errors } = read.data;
  const known = Object.hasOwn(ERROR_CODES, code) ? ERROR_CODES[code as keyof typeof ERROR_CODES] : undefined;
  if (known?.status !== seen.status || status !== seen.status) faults.push(`code ${code} with status ${seen.status}`);
  if (!seen.headers['content-type']?.startsWith('application/problem+json')) faults.push('another content type');
  if (seen.status === 401 && seen.headers['www-authenticate'] === undefined) faults.push('no challenge');
  if (seen.status === 429 && seen.headers['retry-after'] === undefined) faults.push('no Retry-After');
  if (errors.length > 100 || errors.some(({ pointer }) => pointer.length > 300)) faults.push('faults without end');
  return faults;
}

/** Paths that can't be decoded never reach a function; nor does what is over the limits of an HTTP API. */
function isGatewaysOwn({ target }: FuzzInput, { status, text }: Seen): boolean {
  const own = (status === 400 && !decodes(target)) || status === 413 || status === 431;
  return own && /^\{"message":"[A-Za-z ]+"\}$/.test(text);
}

function decodes(target: string): boolean {
  try {
    decodeURIComponent(target.split('?')[0] ?? '');
    return true;
  } catch {
    return false;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
