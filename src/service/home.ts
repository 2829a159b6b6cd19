import type { ActionSpec, EntityType } from '../engine/domain.ts';
import { globalKey } from '../engine/keys.ts';
import type { Actor, EntityRow, Refusal, Scope } from '../engine/model.ts';
import { checkData, checkRecord, newFields } from '../engine/validate.ts';
import type { FieldError } from '../protocol/error-codes.ts';
import type { JsonObject } from '../protocol/json.ts';
import { ID_PATTERN } from '../protocol/primitives.ts';
import type { WireAction } from '../protocol/upload.ts';
import type { Deps } from './deps.ts';
import type { BatchHeader } from './ports/inbox.ts';

/** Where an action is queued, and which record it means. */
export type Home =
  | { scope: Scope; entityId: string; copy?: EntityRow }
  | { refusal: Refusal };

/**
 * Decides home scopes (design 5). An action is queued to a scope only if the token grants it, or if a copy visible in
 * a granted scope names it as its home; all others are refused in words that tell nothing of what exists (P10).
 */
export class HomeFinder {
  readonly #deps: Deps;
  readonly #caller: Actor;
  /** `type#id` → home, of records that this device has in its inbox or creates in this upload. */
  readonly #own = new Map<string, Scope>();
  readonly #found = new Map<string, Promise<EntityRow[]>>();

  constructor(deps: Deps, caller: Actor, inbox: readonly BatchHeader[]) {
    this.#deps = deps;
    this.#caller = caller;
    for (const header of inbox) {
      for (const { record } of header.actions) if (record !== undefined) this.#learn(record, header.scope);
    }
  }

  async find(wire: WireAction, type: EntityType, spec: ActionSpec, data: JsonObject): Promise<Home> {
    if (type.singletonId) return this.#singleton(wire, type, spec, data);
    if (spec.op === 'create') return this.#create(wire, type, spec, data);
    if (wire.entity_id === null || wire.entity_id === undefined) {
      return invalid('/entity_id', 'required', 'This action needs the entity_id of its record.');
    }
    const id = String(wire.entity_id);
    if (!ID_PATTERN.test(id)) return invalid('/entity_id', 'invalid_format', 'An id is 1–64 of A–Z, a–z, 0–9, _ and -.');
    const rows = /^\d+$/.test(id) ? await this.#once(type, id, () => this.#byServerId(type.type, Number(id))) : await this.#byId(type, id, wire);
    if (!Array.isArray(rows)) return rows;
    const wanted = rows.filter((row) => wire.home === null || wire.home === undefined || row.home === wire.home);
    const [row] = wanted.sort((a, b) => a.serverId - b.serverId);
    if (row) return { scope: row.home, entityId: row.entityId, ...(row.scope === row.home ? {} : { copy: row }) };
    return { refusal: spec.op === 'delete' ? { code: 'noop' } : { code: 'not_found' } };
  }

  #learn(record: string, scope: Scope): void {
    // A global key is `type#id#home`: ids are encoded and hold no '#'.
    const [type, id] = record.split('#');
    const key = `${type}#${id}`;
    if (!this.#own.has(key)) this.#own.set(key, scope);
  }

  #singleton(wire: WireAction, type: EntityType, spec: ActionSpec, data: JsonObject): Home {
    const id = type.singletonId?.(this.#caller) ?? '';
    const given = wire.entity_id ?? undefined;
    const scope = type.homeOf(this.#caller, data);
    const foreign = (given !== undefined && String(given) !== id) || (wire.home && wire.home !== scope);
    if (foreign || scope === undefined) return { refusal: { code: spec.op === 'delete' ? 'noop' : 'not_found' } };
    return { scope, entityId: id };
  }

  #create(wire: WireAction, type: EntityType, spec: ActionSpec, data: JsonObject): Home {
    const id = wire.entity_id ?? wire.client_id;
    if (typeof id !== 'string' || !ID_PATTERN.test(id) || /^\d+$/.test(id)) {
      const message = 'A new record’s id is 1–64 of A–Z, a–z, 0–9, _ and -, with at least one that is not a digit.';
      return invalid(wire.entity_id === null || wire.entity_id === undefined ? '/client_id' : '/entity_id', 'invalid_format', message);
    }
    const scope = type.homeOf(this.#caller, data);
    if (scope === undefined) {
      const errors = [...checkData(type, spec, data), ...checkRecord(type, undefined, newFields(type, data), [])];
      const fallback = { pointer: '/data', code: 'required', message: 'The data do not say where this record lives.' };
      return { refusal: { code: 'validation_failed', errors: errors.length > 0 ? errors : [fallback] } };
    }
    if (!this.#caller.scopes.includes(scope)) return { refusal: { code: 'forbidden' } };
    this.#learn(globalKey(scope, type.type, id), scope);
    return { scope, entityId: id };
  }

  async #byId(type: EntityType, id: string, wire: WireAction): Promise<Home | EntityRow[]> {
    const home = wire.home ?? undefined;
    if (home !== undefined && this.#caller.scopes.includes(home)) return { scope: home, entityId: id };
    const own = this.#own.get(`${type.type}#${encodeURIComponent(id)}`);
    if (own !== undefined && (home === undefined || home === own)) return { scope: own, entityId: id };
    return this.#once(type, id, () => this.#visible((scope) => this.#deps.entities.find(scope, type.type, id)));
  }

  /** Many edits of one record are looked up once. */
  #once(type: EntityType, id: string, look: () => Promise<EntityRow[]>): Promise<EntityRow[]> {
    const key = `${type.type}#${id}`;
    const found = this.#found.get(key) ?? look();
    this.#found.set(key, found);
    return found;
  }

  async #byServerId(type: string, serverId: number): Promise<EntityRow[]> {
    return this.#visible(async (scope) => {
      const key = await this.#deps.entities.alias(scope, serverId);
      if (key === undefined) return [];
      const rows = await this.#deps.entities.get([{ scope, key }]);
      return [...rows.values()].filter((row) => row.type === type);
    });
  }

  /** Rows of the granted scopes; what has left one of them is not visible there. */
  async #visible(read: (scope: Scope) => Promise<EntityRow[]>): Promise<EntityRow[]> {
    const rows = await Promise.all(this.#caller.scopes.map(read));
    return rows.flat().filter((row) => row.state !== 'left');
  }
}

function invalid(pointer: string, code: string, message: string): Home {
  const errors: FieldError[] = [{ pointer, code, message }];
  return { refusal: { code: 'validation_failed', errors } };
}

