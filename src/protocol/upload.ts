import * as z from 'zod/mini';
import { conflict } from './conflict.ts';
import { REJECTION_CODES } from './error-codes.ts';
import { LIMITS } from './limits.ts';
import { fieldError, id, jsonObject, nullable, resolution, scope, strategy, timestamp } from './primitives.ts';
import { record } from './record.ts';

/** One action, but for its `client_id`, which the envelope checks. A fault here refuses this action only. */
export const action = z.object({
  client_id: id,
  action_type: z.string().check(z.minLength(1), z.maxLength(64)),
  entity_type: z.string().check(z.minLength(1), z.maxLength(64)),
  entity_id: nullable(z.union([z.string().check(z.minLength(1), z.maxLength(128)), z.int().check(z.gte(0))])),
  home: nullable(scope),
  base_version: nullable(z.int().check(z.gte(0))),
  base: nullable(jsonObject),
  timestamp: nullable(timestamp),
  data: nullable(jsonObject),
  priority: nullable(z.int().check(z.gte(0), z.lte(9))),
  conflict_strategy: nullable(strategy),
  schema_version: nullable(z.int().check(z.gte(1))),
});
export type WireAction = z.infer<typeof action>;

const infoText = nullable(z.string().check(z.maxLength(100)));
export const deviceInfo = z.object({ platform: infoText, os_version: infoText, model: infoText, app_version: infoText });

/** The envelope of an upload: a fault here refuses the whole upload, with nothing stored. */
export const uploadEnvelope = z.object({
  device_id: id,
  last_sync_timestamp: nullable(timestamp),
  conflict_strategy: nullable(strategy),
  device_info: nullable(deviceInfo),
  actions: z.array(z.looseObject({ client_id: id })).check(z.minLength(1), z.maxLength(LIMITS.actionsPerUpload)),
});
export type UploadEnvelope = z.infer<typeof uploadEnvelope>;

/** What the OpenAPI document shows: the envelope with whole actions. */
export const uploadRequest = z.extend(uploadEnvelope, {
  actions: z.array(action).check(z.minLength(1), z.maxLength(LIMITS.actionsPerUpload)),
});

export const actionStatus = z.enum(['success', 'conflict', 'rejected', 'failed', 'queued', 'unknown']);
export type ActionStatus = z.infer<typeof actionStatus>;

export const result = z.object({
  client_id: z.string(),
  status: actionStatus,
  server_id: z.optional(z.int()),
  entity_id: z.optional(z.string()),
  home: z.optional(z.string()),
  version: z.optional(z.int()),
  message: z.string(),
  merged: z.optional(z.literal(true)),
  duplicate: z.optional(z.literal(true)),
  conflict_id: z.optional(z.string()),
  resolution: z.optional(resolution),
  error: z.optional(
    z.object({
      code: z.union([z.enum(REJECTION_CODES), z.string()]),
      message: z.string(),
      errors: z.optional(z.array(fieldError)),
    }),
  ),
  record: z.optional(z.nullable(record)),
});
export type ActionResult = z.infer<typeof result>;

export const uploadResponse = z.object({
  success: z.literal(true),
  sync_timestamp: z.string(),
  results: z.array(result),
  conflicts: z.array(conflict),
});
export type UploadResponse = z.infer<typeof uploadResponse>;

export const actionsQuery = z.object({ device_id: id, client_ids: z.string().check(z.minLength(1), z.maxLength(6600)) });

/** Answer of `GET /sync/actions`: results of earlier actions. */
export const actionsResponse = z.object({
  success: z.literal(true),
  results: z.array(result),
  conflicts: z.array(conflict),
});
export type ActionsResponse = z.infer<typeof actionsResponse>;
