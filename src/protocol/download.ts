import * as z from 'zod/mini';
import { LIMITS } from './limits.ts';
import { id, queryCount } from './primitives.ts';
import { deletedRecord, record } from './record.ts';

export const downloadQuery = z.object({
  device_id: id,
  since: z.optional(z.string().check(z.minLength(1), z.maxLength(64))),
  cursor: z.optional(z.string().check(z.minLength(1), z.maxLength(8192))),
  limit: z.optional(queryCount(LIMITS.pageRecords)),
  types: z.optional(z.string().check(z.minLength(1), z.maxLength(500))),
});
export type DownloadQuery = z.infer<typeof downloadQuery>;

/** Why a scope starts afresh: drop its records (not the pending actions) before applying the page. */
export const resetReason = z.enum(['revoked', 'expired', 'restored', 'types', 'unknown']);
export type ResetReason = z.infer<typeof resetReason>;

export const downloadResponse = z.object({
  success: z.literal(true),
  data: z.record(z.string(), z.array(record)),
  deleted: z.record(z.string(), z.array(deletedRecord)),
  reset: z.array(z.object({ scope: z.string(), reason: resetReason })),
  scopes: z.record(z.string(), z.int()),
  sync_timestamp: z.string(),
  cursor: z.string(),
  has_more: z.boolean(),
});
export type DownloadResponse = z.infer<typeof downloadResponse>;
