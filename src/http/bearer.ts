import { SyncError } from '../service/errors.ts';
import type { HttpEvent } from './event.ts';

/** One token68 of RFC 7235, so that a comma, which joins repeated headers, never passes. */
const BEARER = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i;

/**
 * The token of the one `Authorization: Bearer` header.
 *
 * @throws SyncError `unauthorized`, if there is none, another scheme, or more than one.
 */
export function bearerToken(headers: HttpEvent['headers']): string {
  const token = BEARER.exec(headers['authorization']?.trim() ?? '')?.[1];
  if (token === undefined) throw new SyncError('unauthorized', 'Send exactly one header `Authorization: Bearer <token>`.');
  return token;
}
