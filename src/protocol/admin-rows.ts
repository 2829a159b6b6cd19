import * as z from 'zod/mini';
import type { AdminQueryName } from './admin.ts';
import { conflict } from './conflict.ts';
import { fieldError, jsonObject } from './primitives.ts';
import { syncHealth } from './status.ts';
import { actionStatus } from './upload.ts';

const text = z.nullable(z.string());
const time = text;
const count = z.int();

const queuedAction = z.object({
  client_id: z.string(),
  user: z.string(),
  device_id: z.string(),
  action_type: z.string(),
  entity_type: z.string(),
  entity_id: text,
  accepted_at: z.string(),
  attempts: count,
  batch_id: z.string(),
});

const deviceActivity = z.object({
  user: z.string(),
  device_id: z.string(),
  sync_count: count,
  last_sync: time,
  last_upload: time,
  last_download: time,
  pending: count,
  platform: text,
  app_version: text,
});

/** Of `sync_activity` with `details`. */
const deviceDetails = {
  os_version: text,
  model: text,
  failed: count,
  unresolved_conflicts: count,
  sync_health: syncHealth,
};

/** An action in full, payload included, whatever became of it. */
const actionDetail = z.object({
  client_id: z.string(),
  user: z.string(),
  device_id: z.string(),
  batch_id: text,
  state: z.enum(['pending', 'failed', 'done']),
  action_type: z.string(),
  entity_type: z.string(),
  entity_id: text,
  home: text,
  data: z.nullable(jsonObject),
  base: z.nullable(jsonObject),
  base_version: z.nullable(z.int()),
  conflict_strategy: text,
  action_time: time,
  accepted_at: z.string(),
  attempts: count,
  retry_count: count,
  max_retries: count,
  last_error: text,
  next_send_at: time,
  status: z.nullable(actionStatus),
  code: text,
  errors: z.nullable(z.array(fieldError)),
  version: z.nullable(z.int()),
  conflict_id: text,
});

const rate = z.nullable(z.number());
const milliseconds = z.nullable(z.int());

const usageFigures = {
  actions: count,
  success: count,
  conflict: count,
  rejected: count,
  retried: count,
  success_rate: rate,
  conflict_rate: rate,
  duration_ms_avg: milliseconds,
  duration_ms_p50: milliseconds,
  duration_ms_p95: milliseconds,
  offline_ms_avg: milliseconds,
  offline_ms_p50: milliseconds,
  offline_ms_p95: milliseconds,
  offline_spans: count,
  offline_span_ms_avg: milliseconds,
  offline_span_ms_p95: milliseconds,
  devices: count,
  uploads: count,
  downloads: count,
  bytes_in: count,
  bytes_out: count,
};

const batchSummary = z.object({
  batch_id: z.string(),
  scope: z.string(),
  actions: count,
  accepted_at: z.string(),
  attempts: count,
  last_error: text,
  next_send_at: time,
});

const outcomeKeys = {
  client_id: text,
  user: text,
  device_id: text,
  action_type: text,
  entity_type: z.string(),
  entity_id: text,
  server_id: z.nullable(z.int()),
  home: text,
  version: z.nullable(z.int()),
  status: z.nullable(actionStatus),
  code: text,
  conflict_id: text,
  resolution: text,
};

/** The columns of every query of `POST /admin/query`. */
export const ADMIN_ROWS = {
  overview: z.object({ pending: count, failed: count, unresolved_conflicts: count, devices: count }),
  pending_actions: queuedAction,
  failed_actions: z.extend(queuedAction, { retry_count: count, max_retries: count, last_error: text }),
  unresolved_conflicts: z.extend(conflict, { user: text }),
  sync_activity: z.extend(z.partial(z.object(deviceDetails)), deviceActivity.shape),
  device: z.extend(deviceActivity, {
    ...deviceDetails,
    pending_batches: z.array(batchSummary),
    dead_batches: z.array(batchSummary),
    conflict_ids: z.array(z.string()),
  }),
  user_actions: z.object({ ...outcomeKeys, action_time: z.string(), accepted_at: z.string(), done_at: z.string(), retries: count }),
  record_history: z.object({
    ...outcomeKeys,
    at: z.string(),
    change: z.enum(['created', 'updated', 'deleted', 'none']),
    fields: z.array(z.string()),
    data: jsonObject,
  }),
  usage: z.object({ day: z.string(), ...usageFigures }),
  action: actionDetail,
  batch: actionDetail,
} as const satisfies Record<AdminQueryName, z.ZodMiniType>;
