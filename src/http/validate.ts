import type * as z from 'zod/mini';
import type { FieldError } from '../protocol/error-codes.ts';
import { MOST_FAULTS, pointerIssues } from '../protocol/issues.ts';
import { SyncError } from '../service/errors.ts';
import { LIMITS } from '../protocol/limits.ts';
import { read } from '../protocol/read.ts';
import { readJson } from './body.ts';
import type { HttpEvent } from './event.ts';

/**
 * The request's body as the schema reads it, at most 512 KiB. `check` finds what no schema should be given first.
 *
 * @throws SyncError `validation_failed` with pointers into the body, or what `readJson` throws.
 */
export function bodyOf<T>(schema: z.ZodMiniType<T>, event: HttpEvent, check: (body: object) => FieldError[] = () => []): T {
  const { value, faults } = readJson(event, LIMITS.otherBodyBytes);
  const errors = check(value);
  if (errors.length > 0) throw invalid([...faults, ...errors]);
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
  const parsed = read(schema, value);
  const errors = [...faults, ...(parsed.success ? [] : pointerIssues(parsed.issues, { input: value, at }))];
  if (parsed.success && errors.length === 0) return parsed.data;
  throw invalid(errors);
}

/** The refusal of a whole request; of many faults the first are told. */
export function invalid(errors: readonly FieldError[]): SyncError {
  return new SyncError('validation_failed', 'The request is not valid; nothing was stored.', { errors: errors.slice(0, MOST_FAULTS) });
}
