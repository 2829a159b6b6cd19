/** Options that commands share; what each means is told by `--help`. */
export const OPTIONS = {
  user: { type: 'string', help: 'a token’s sub' },
  device: { type: 'string', help: 'a device_id' },
  type: { type: 'string', help: 'type of a record, such as report' },
  id: { type: 'string', help: 'id or server_id of a record; of an action its client_id' },
  home: { type: 'string', help: 'scope in which the record lives, such as user:alice' },
  status: { type: 'string', help: 'an outcome, or the health of a device' },
  since: { type: 'string', help: 'from this time on, such as 2026-11-25T08:00:00Z or 2026-11-25' },
  until: { type: 'string', help: 'before this time' },
  limit: { type: 'string', help: 'rows of a page, 1 to 200' },
  cursor: { type: 'string', help: 'goes on behind an earlier page' },
  every: { type: 'boolean', help: 'all pages' },
  all: { type: 'boolean', help: 'every dead batch' },
  yes: { type: 'boolean', help: 'do it, instead of telling what would be done' },
  strategy: { type: 'string', help: 'server_wins (default), client_wins, merge or manual' },
  data: { type: 'string', help: 'JSON: the fields as they shall be, with --strategy manual' },
  version: { type: 'string', help: 'server_version of the conflict as it was shown' },
} as const;

export type Option = keyof typeof OPTIONS;

/** One command that asks a query and shows its rows. */
export type Listing = {
  query: string;
  about: string;
  options: readonly Option[];
  /** Without these there is nothing to ask. */
  needs?: readonly Option[];
  /** Columns of the table; a card per row where there are none. */
  columns?: readonly string[];
  details?: true;
};

const TIMES = ['since', 'until'] as const;
const PAGES = ['limit', 'cursor', 'every'] as const;
const QUEUED = ['accepted_at', 'user', 'device_id', 'action_type', 'entity_type', 'entity_id', 'attempts', 'client_id'] as const;

export const LISTINGS: Readonly<Record<string, Listing>> = {
  overview: { query: 'overview', about: 'how much waits, is dead or in conflict', options: [] },
  pending: {
    query: 'pending_actions', about: 'actions without outcome', options: ['user', 'device', 'type', 'id', ...TIMES, ...PAGES],
    columns: [...QUEUED, 'batch_id'],
  },
  failed: {
    query: 'failed_actions', about: 'actions of dead batches, and why they died', options: ['user', 'device', 'type', 'id', ...TIMES, ...PAGES],
    columns: [...QUEUED, 'last_error', 'batch_id'],
  },
  conflicts: {
    query: 'unresolved_conflicts', about: 'conflicts that wait for a decision', options: ['user', 'device', 'type', 'id', 'home', ...TIMES, ...PAGES],
    columns: ['detected_at', 'id', 'user', 'kind', 'entity_type', 'entity_id', 'conflicting_fields', 'client_data', 'server_data', 'server_version'],
  },
  activity: {
    query: 'sync_activity', about: 'devices, when they came last and how they are', options: ['user', 'device', 'status', ...TIMES, ...PAGES], details: true,
    columns: ['user', 'device_id', 'sync_health', 'last_sync', 'pending', 'failed', 'unresolved_conflicts', 'sync_count', 'platform', 'app_version'],
  },
  device: { query: 'device', about: 'all about the devices of a user, or one of them', options: ['user', 'device', ...PAGES], needs: ['user'] },
  user: {
    query: 'user_actions', about: 'outcomes of a user’s actions', needs: ['user'],
    options: ['user', 'device', 'type', 'id', 'home', 'status', ...TIMES, ...PAGES],
    columns: ['done_at', 'device_id', 'action_type', 'entity_type', 'entity_id', 'status', 'code', 'version', 'conflict_id', 'retries', 'client_id'],
  },
  history: {
    query: 'record_history', about: 'who did what to a record; name its home, or a user who sees it', needs: ['type', 'id'],
    options: ['type', 'id', 'home', 'user', 'device', 'status', ...TIMES, ...PAGES],
    columns: ['at', 'version', 'change', 'user', 'device_id', 'action_type', 'status', 'resolution', 'data'],
  },
  usage: {
    query: 'usage', about: 'by day: success, conflicts, durations, offline time, bytes', options: [...TIMES, ...PAGES],
    columns: ['day', 'actions', 'success_rate', 'conflict_rate', 'rejected', 'duration_ms_p50', 'duration_ms_p95', 'offline_ms_p95', 'offline_spans',
      'devices', 'uploads', 'downloads', 'bytes_in', 'bytes_out'],
  },
  action: { query: 'action', about: 'one action with its payload and what became of it', options: ['user', 'id'], needs: ['user', 'id'] },
};

/** A command that changes something, or takes the ids of what it is about. */
type Change = {
  usage: string;
  about: string;
  options: readonly Option[];
  /** Its ids may begin with a dash. */
  dashes?: true;
};

/** What changes something. */
export const CHANGES: Readonly<Record<string, Change>> = {
  batch: { usage: 'batch <batch_id>', about: 'every action of a batch with its payload', options: [] },
  redrive: { usage: 'redrive <batch_id>… | --all', about: 'dead batches go back to pending', options: ['all', 'yes'] },
  discard: { usage: 'discard <batch_id>… | --all', about: 'dead batches are given up: rejected as discarded, for good', options: ['all', 'yes'] },
  erase: { usage: 'erase --user …', about: 'forgets a person for good: tells what that means, and does it with --yes', options: ['user', 'yes'] },
  resolve: { usage: 'resolve <conflict_id>', about: 'settles a conflict', options: ['strategy', 'data', 'version'], dashes: true },
};
