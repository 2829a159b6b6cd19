import * as z from 'zod/mini';
import { id } from './primitives.ts';

export const statusQuery = z.object({ device_id: id });

/** Worst first: failing (dead batches), stalled (an action pending over 5 minutes), conflicts (unresolved ones), good. */
export const syncHealth = z.enum(['good', 'conflicts', 'stalled', 'failing']);
export type SyncHealth = z.infer<typeof syncHealth>;

export const statusResponse = z.object({
  device_id: z.string(),
  last_sync: z.nullable(z.string()),
  last_upload: z.nullable(z.string()),
  last_download: z.nullable(z.string()),
  pending_uploads: z.int(),
  failed_uploads: z.int(),
  conflicts: z.int(),
  sync_version: z.int(),
  sync_health: syncHealth,
});
export type StatusResponse = z.infer<typeof statusResponse>;
