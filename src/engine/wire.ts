import type { WireConflict } from '../protocol/conflict.ts';
import type { WireDeleted, WireRecord } from '../protocol/record.ts';
import type { ConflictRow, EntityRow } from './model.ts';

/** A time of the wire: ISO 8601 in UTC with milliseconds. */
export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** A live record as devices download it (protocol.md). No field of a domain hides the server's own keys. */
export function toRecord(row: EntityRow): WireRecord {
  const keys = {
    id: row.serverId,
    entity_id: row.entityId,
    type: row.type,
    version: row.version,
    scope: row.scope,
    home: row.home,
    created_at: iso(row.createdAt),
    updated_at: iso(row.updatedAt),
    created_by: row.createdBy,
    updated_by: row.updatedBy,
    ...(row.attachments ? { attachment_states: row.attachments } : {}),
  };
  return { ...keys, ...row.fields, ...keys };
}

export function toDeleted(row: EntityRow): WireDeleted {
  return {
    id: row.serverId,
    entity_id: row.entityId,
    version: row.version,
    scope: row.scope,
    home: row.home,
    reason: row.state === 'left' ? 'left' : 'deleted',
  };
}

/** A conflict as its owner and admins see it; `current`: the record as it now is, if it lives. */
export function toConflict(row: ConflictRow, current: EntityRow | undefined): WireConflict {
  return {
    id: row.id,
    kind: row.kind,
    entity_type: row.type,
    entity_id: row.entityId,
    server_id: row.serverId,
    home: row.home,
    device_id: row.device,
    client_id: row.clientId,
    client_ids: row.clientIds,
    base_version: row.baseVersion,
    server_version: row.serverVersion,
    conflicting_fields: row.fields,
    base_data: row.base,
    client_data: row.client,
    server_data: row.server,
    server_deleted: row.serverDeleted,
    status: row.status,
    strategy: row.strategy,
    resolved_data: row.resolvedData,
    resolved_by: row.resolvedBy,
    resolved_at: row.resolvedAt === null ? null : iso(row.resolvedAt),
    detected_at: iso(row.detectedAt),
    record: current?.state === 'live' ? toRecord(current) : null,
  };
}
