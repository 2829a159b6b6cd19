import * as z from 'zod/mini';
import { LIMITS } from './limits.ts';
import { conflictKind, id, jsonObject, nullable, queryCount, strategy } from './primitives.ts';
import { record } from './record.ts';

/** A conflict as its owner and admins see it (protocol.md, GET /sync/conflicts). */
export const conflict = z.object({
  id: z.string(),
  kind: conflictKind,
  entity_type: z.string(),
  entity_id: z.string(),
  server_id: z.nullable(z.int()),
  home: z.string(),
  device_id: z.string(),
  client_id: z.string(),
  client_ids: z.array(z.string()),
  base_version: z.nullable(z.int()),
  server_version: z.int(),
  conflicting_fields: z.array(z.string()),
  base_data: z.nullable(jsonObject),
  client_data: z.nullable(jsonObject),
  server_data: z.nullable(jsonObject),
  server_deleted: z.boolean(),
  status: z.enum(['unresolved', 'resolved']),
  strategy: z.nullable(strategy),
  resolved_data: z.nullable(jsonObject),
  resolved_by: z.nullable(z.string()),
  resolved_at: z.nullable(z.string()),
  detected_at: z.string(),
  record: z.nullable(record),
});
export type WireConflict = z.infer<typeof conflict>;

export const conflictsQuery = z.object({
  device_id: z.optional(id),
  status: z.optional(z.enum(['unresolved', 'resolved', 'all'])),
  limit: z.optional(queryCount(LIMITS.listMax)),
  cursor: z.optional(z.string().check(z.maxLength(2048))),
});
export type ConflictsQuery = z.infer<typeof conflictsQuery>;

export const conflictsResponse = z.object({
  success: z.literal(true),
  conflicts: z.array(conflict),
  next_cursor: z.nullable(z.string()),
});
export type ConflictsResponse = z.infer<typeof conflictsResponse>;

/** `POST /sync/resolve-conflict`. Without a strategy: `server_wins`. */
export const resolveRequest = z.object({
  conflict_id: id,
  strategy: nullable(strategy),
  resolved_data: nullable(jsonObject),
  server_version: nullable(z.int().check(z.gte(0))),
});
export type ResolveRequest = z.infer<typeof resolveRequest>;

export const resolveResponse = z.object({
  success: z.literal(true),
  conflict,
  record: z.nullable(record),
});
export type ResolveResponse = z.infer<typeof resolveResponse>;
