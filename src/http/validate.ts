import type * as z from 'zod/mini';
import type { FieldError } from '../protocol/error-codes.ts';
import { pointerIssues } from '../protocol/issues.ts';
import { SyncError } from '../service/errors.ts';
import { readJson } from './body.ts';
import type { HttpEvent } from './event.ts';

/**
 * The request's body as the schema reads it.
 *
 * @throws SyncError `validation_failed` with pointers into the body, or what `readJson` throws.
 */
export function bodyOf<T>(schema: z.ZodMiniType<T>, event: HttpEvent): T {
  const { value, faults } = readJson(event);
  return validated(schema, value, '', faults);
}

/**
 * The request's query as the schema reads it: unknown names are ignored, a repeated one arrives joined by commas.
 *
 * @throws SyncError `validation_failed` with pointers such as `/query/limit`.
 */
export function queryOf<T>(schema: z.ZodMiniType<T>, event: HttpEvent): T {
  return validated(schema, event.queryStringParameters ?? {}, '/query');
}

/** The value as the schema reads it. `faults`: what is already known to be wrong with it. */
export function validated<T>(schema: z.ZodMiniType<T>, value: unknown, at = '', faults: readonly FieldError[] = []): T {
  const parsed = schema.safeParse(value);
  const errors = [...faults, ...(parsed.success ? [] : pointerIssues(parsed.error.issues, { input: value, at }))];
  if (parsed.success && errors.length === 0) return parsed.data;
  throw new SyncError('validation_failed', 'The request is not valid; nothing was stored.', { errors });
}
