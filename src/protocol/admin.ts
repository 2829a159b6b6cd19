import * as z from 'zod/mini';
import { LIMITS } from './limits.ts';
import { id, json, nullable, scope, timestamp } from './primitives.ts';

export const ADMIN_QUERIES = [
  'overview',
  'pending_actions',
  'unresolved_conflicts',
  'sync_activity',
  'failed_actions',
  'device',
  'user_actions',
  'record_history',
  'usage',
  'action',
  'batch',
] as const;
export type AdminQueryName = (typeof ADMIN_QUERIES)[number];

/** What the filter `status` may name: outcomes, and the health of devices. */
export const ADMIN_STATUSES = ['success', 'conflict', 'rejected', 'good', 'conflicts', 'stalled', 'failing'] as const;
export type AdminStatus = (typeof ADMIN_STATUSES)[number];

export const adminParams = z.object({
  user: nullable(z.string().check(z.minLength(1), z.maxLength(128))),
  device_id: nullable(id),
  entity_type: nullable(z.string().check(z.minLength(1), z.maxLength(64))),
  entity_id: nullable(z.union([z.string().check(z.minLength(1), z.maxLength(128)), z.int().check(z.gte(0))])),
  /** The record's home, where several scopes hold a record of that id. */
  home: nullable(scope),
  /** One action of `user`. */
  client_id: nullable(id),
  batch_id: nullable(z.string().check(z.minLength(1), z.maxLength(900))),
  /** Of an outcome, or a device's `sync_health`. */
  status: nullable(z.enum(ADMIN_STATUSES)),
  since: nullable(timestamp),
  until: nullable(timestamp),
  /** `sync_activity` with more columns. */
  details: nullable(z.boolean()),
});

export const adminQueryRequest = z.object({
  query: z.enum(ADMIN_QUERIES),
  params: nullable(adminParams),
  limit: nullable(z.int().check(z.gte(1), z.lte(LIMITS.listMax))),
  cursor: nullable(z.string().check(z.maxLength(2048))),
});
export type AdminQueryRequest = z.infer<typeof adminQueryRequest>;

export const adminRow = z.record(z.string(), json);
export type AdminRow = z.infer<typeof adminRow>;

export const adminQueryResponse = z.object({
  success: z.literal(true),
  query: z.enum(ADMIN_QUERIES),
  rows: z.array(adminRow),
  next_cursor: z.nullable(z.string()),
  summary: z.optional(adminRow),
});
export type AdminQueryResponse = z.infer<typeof adminQueryResponse>;

/** `POST /admin/redrive`: dead batches go back to pending, or are given up as `rejected: discarded`. */
export const redriveRequest = z.object({
  batch_ids: nullable(z.array(z.string().check(z.minLength(1), z.maxLength(900))).check(z.minLength(1), z.maxLength(100))),
  all: nullable(z.boolean()),
  discard: nullable(z.boolean()),
});
export type RedriveRequest = z.infer<typeof redriveRequest>;

export const redriveResponse = z.object({
  success: z.literal(true),
  redriven: z.int(),
  discarded: z.int(),
});
export type RedriveResponse = z.infer<typeof redriveResponse>;
