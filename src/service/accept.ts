import { upcastData } from '../engine/plan-action.ts';
import type { ActionSpec, EntityType } from '../engine/domain.ts';
import type { Actor, Refusal } from '../engine/model.ts';
import { canonicalJson } from '../engine/value.ts';
import type { FieldError } from '../protocol/error-codes.ts';
import { pointerIssues } from '../protocol/issues.ts';
import type { Json, JsonObject } from '../protocol/json.ts';
import { read } from '../protocol/read.ts';
import { action as actionSchema, type UploadEnvelope, type WireAction } from '../protocol/upload.ts';
import type { Deps } from './deps.ts';
import { SyncError } from './errors.ts';

/** An action of an upload after its form was checked: well-formed, or refused with the reason. */
export type Checked = {
  clientId: string;
  /** Hash of action and entity type, entity id and data, by value (protocol.md, client_id). */
  hash: string;
  actionType: string;
  entityType: string;
} & ({ wire: WireAction; type: EntityType; spec: ActionSpec; data: JsonObject } | { refusal: Refusal });

/** A repeated `client_id` refuses the whole upload: it can't be told which one is meant. */
export function refuseRepeatedIds(envelope: UploadEnvelope): void {
  const seen = new Set<string>();
  const errors: FieldError[] = [];
  for (const [i, { client_id }] of envelope.actions.entries()) {
    if (seen.has(client_id)) {
      const message = 'This client_id stands twice in the upload.';
      errors.push({ pointer: `/actions/${i}/client_id`, code: 'repeated', message });
    }
    seen.add(client_id);
  }
  if (errors.length > 0) throw new SyncError('validation_failed', 'The upload is not valid; nothing was stored.', { errors });
}

/**
 * Checks the form of each action. A fault refuses that action only, with pointers relative to it, and never the
 * upload (protocol.md). `guardFaults`: what the body's scan found, by `/actions/<i>/…`.
 */
export function checkActions(deps: Deps, envelope: UploadEnvelope, guardFaults: readonly FieldError[]): Checked[] {
  const faults = new Map<number, FieldError[]>();
  for (const fault of guardFaults) {
    const [, index, rest] = /^\/actions\/(\d+)(.*)$/s.exec(fault.pointer) ?? [];
    if (index === undefined) continue;
    const i = Number(index);
    faults.set(i, [...(faults.get(i) ?? []), { ...fault, pointer: rest ?? '' }]);
  }
  return envelope.actions.map((raw, i) => checkAction(deps, raw as { client_id: string } & JsonObject, faults.get(i) ?? []));
}

function checkAction(deps: Deps, raw: { client_id: string } & JsonObject, faults: FieldError[]): Checked {
  const text = (value: Json | undefined) => (typeof value === 'string' ? value.slice(0, 64) : '');
  const known = {
    clientId: raw.client_id,
    hash: contentHash(deps, raw),
    actionType: text(raw['action_type']),
    entityType: text(raw['entity_type']),
  };
  if (faults.length > 0) {
    const code = faults.some((fault) => fault.code === 'too_large') ? 'too_large' : 'validation_failed';
    return { ...known, refusal: { code, errors: faults } };
  }
  const parsed = read(actionSchema, raw);
  if (!parsed.success) return { ...known, refusal: { code: 'validation_failed', errors: pointerIssues(parsed.issues, { input: raw }) } };
  const wire = parsed.data;
  const { types } = deps.engine.domain;
  const type = Object.hasOwn(types, wire.entity_type) ? types[wire.entity_type] : undefined;
  const spec = type && Object.hasOwn(type.actions, wire.action_type) ? type.actions[wire.action_type] : undefined;
  if (!type || !spec) return { ...known, refusal: { code: 'unknown_action' } };
  if (spec.op !== 'delete' && !wire.data) {
    const errors = [{ pointer: '/data', code: 'required', message: 'This action needs data.' }];
    return { ...known, refusal: { code: 'validation_failed', errors } };
  }
  const data = upcastData(type, wire.data ?? {}, wire.schema_version ?? undefined);
  if (!data) return { ...known, refusal: { code: 'unsupported_schema_version' } };
  return { ...known, wire, type, spec, data };
}

function contentHash(deps: Deps, raw: JsonObject): string {
  const id = raw['entity_id'];
  const content = [
    raw['action_type'] ?? null,
    raw['entity_type'] ?? null,
    typeof id === 'number' ? String(id) : (id ?? null),
    raw['data'] ?? null,
  ];
  return deps.ids.hash(canonicalJson(content));
}

/** The caller's own scope: where a refusal without a home is kept. */
export function ownScope(deps: Deps, caller: Actor): string {
  const [own] = deps.engine.domain.scopesOf(caller);
  if (own === undefined) throw new Error('the domain grants no scope');
  return own;
}
