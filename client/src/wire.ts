import type { Json, JsonObject } from '../../src/protocol/json.ts';

// The answers that the phone reads, as plain types: the schemas behind them (src/protocol) would bring their library
// along. test/client/wire.test.ts holds the two together.

export type Strategy = 'server_wins' | 'client_wins' | 'merge' | 'manual';
export type Resolution = 'unresolved' | 'server_wins' | 'client_wins' | 'merge' | 'superseded';
export type ConflictKind = 'update_update' | 'update_delete' | 'delete_update' | 'create_create';

/** A record as it is downloaded: these keys, then the fields of its type (protocol.md, download). */
export type WireRecord = {
  /** Its server_id. */
  id: number;
  entity_id: string;
  type: string;
  version: number;
  scope: string;
  home: string;
  created_at: string;
  updated_at: string;
  created_by: string;
  updated_by: string;
} & JsonObject;

export type WireDeleted = { id: number; entity_id: string; version: number; scope: string; home: string; reason: 'deleted' | 'left' };

export type DownloadPage = {
  success: true;
  data: Record<string, WireRecord[]>;
  deleted: Record<string, WireDeleted[]>;
  reset: { scope: string; reason: 'revoked' | 'expired' | 'restored' | 'types' | 'unknown' }[];
  scopes: Record<string, number>;
  sync_timestamp: string;
  cursor: string;
  has_more: boolean;
};

/** An action as it is sent. Once it was sent it stays as it is. */
export type WireAction = {
  client_id: string;
  action_type: string;
  entity_type: string;
  timestamp: string;
  entity_id?: string;
  home?: string;
  base_version?: number;
  base?: JsonObject;
  data?: JsonObject;
  conflict_strategy?: Strategy;
  schema_version?: number;
};

export type FieldFault = { pointer: string; code: string; message: string };

/** Why an action was refused for good. */
export type Refusal = { code: string; message: string; errors?: FieldFault[] | undefined };

export type ActionResult = {
  client_id: string;
  status: 'success' | 'conflict' | 'rejected' | 'failed' | 'queued' | 'unknown';
  server_id?: number | undefined;
  entity_id?: string | undefined;
  home?: string | undefined;
  version?: number | undefined;
  message: string;
  merged?: true | undefined;
  duplicate?: true | undefined;
  conflict_id?: string | undefined;
  resolution?: Resolution | undefined;
  error?: Refusal | undefined;
};

export type WireConflict = {
  id: string;
  kind: ConflictKind;
  entity_type: string;
  entity_id: string;
  server_id: number | null;
  home: string;
  device_id: string;
  client_id: string;
  client_ids: string[];
  base_version: number | null;
  server_version: number;
  conflicting_fields: string[];
  base_data: JsonObject | null;
  client_data: JsonObject | null;
  server_data: JsonObject | null;
  server_deleted: boolean;
  status: 'unresolved' | 'resolved';
  strategy: Strategy | null;
  resolved_data: JsonObject | null;
  resolved_by: string | null;
  resolved_at: string | null;
  detected_at: string;
  record: WireRecord | null;
};

/** Answer of an upload, and of `GET /sync/actions`. */
export type Results = { success: true; results: ActionResult[]; conflicts: WireConflict[] };

export type ConflictList = { success: true; conflicts: WireConflict[]; next_cursor: string | null };

/** `POST /sync/resolve-conflict`. */
export type ResolveBody = { conflict_id: string; strategy: Strategy; resolved_data?: JsonObject; server_version?: number };

export type { Json, JsonObject };
