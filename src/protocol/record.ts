import * as z from 'zod/mini';
import { attachmentState } from './attachment.ts';
import { json } from './primitives.ts';

/** A record as devices download it: these keys, then the fields of its type. */
export const record = z.catchall(
  z.object({
    id: z.int(),
    entity_id: z.string(),
    type: z.string(),
    version: z.int(),
    scope: z.string(),
    home: z.string(),
    created_at: z.string(),
    updated_at: z.string(),
    created_by: z.string(),
    updated_by: z.string(),
    attachment_states: z.optional(z.record(z.string(), attachmentState)),
  }),
  json,
);
export type WireRecord = z.infer<typeof record>;

/** The names above belong to the server: no domain field may take one. */
export const RECORD_KEYS = [
  'id',
  'entity_id',
  'type',
  'version',
  'scope',
  'home',
  'created_at',
  'updated_at',
  'created_by',
  'updated_by',
  'attachment_states',
] as const;

/** What became of a record that is gone from a scope: deleted, or moved out of sight (`left`). */
export const deletedRecord = z.object({
  id: z.int(),
  entity_id: z.string(),
  version: z.int(),
  scope: z.string(),
  home: z.string(),
  reason: z.enum(['deleted', 'left']),
});
export type WireDeleted = z.infer<typeof deletedRecord>;

/** Answer of `GET /sync/records/{entity_type}/{entity_id}`. */
export const recordResponse = z.object({
  success: z.literal(true),
  record: z.nullable(record),
  deleted: z.optional(deletedRecord),
});
export type RecordResponse = z.infer<typeof recordResponse>;
