import * as z from 'zod/mini';
import { fieldError } from './primitives.ts';

/** `application/problem+json` (RFC 9457) with this API's members. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  request_id: z.string(),
  retryable: z.boolean(),
  errors: z.array(fieldError),
});
export type Problem = z.infer<typeof problem>;

export const healthResponse = z.object({
  status: z.literal('ok'),
  service: z.literal('fieldsync'),
  protocol_version: z.string(),
});
