import type { FieldError } from '../protocol/error-codes.ts';
import type { Json, JsonObject } from '../protocol/json.ts';
import type { Actor, Claims, EntityRow, Scope } from './model.ts';

/** How overlapping edits of a field merge under the strategy `merge` (design 5). */
export type MergeRule = 'latest' | 'text' | 'union' | 'max' | 'min';

/** One field of an entity type. */
export type FieldSpec = {
  kind: 'scalar' | 'text' | 'set' | 'counter';
  merge: MergeRule;
  /** Says what is wrong with a value that is not null, or nothing. */
  check: (value: Json) => string | undefined;
  /** JSON Schema of the values that pass, for the OpenAPI document; it may be wider than `check`, never narrower. */
  schema?: JsonObject;
  /** Must be there, and not null. */
  required?: true;
  /** Set at creation only. */
  immutable?: true;
  /** Value at creation when the action has none. */
  initial?: Json;
  /** A set of attachment ids: only who announced one may add it, to one record, which then shows its state (design 4, Photos). */
  attachments?: true;
};

/** What a user can do to a type. `upsert` creates the record on first use. */
export type ActionSpec = {
  op: 'create' | 'update' | 'upsert' | 'delete';
  /** 0 first … 9 last. */
  priority: number;
  /** For people: `Report created successfully`. */
  message: string;
  /** Only these fields may be sent. */
  fields?: readonly string[];
};

/** The part of a record that rules look at. */
export type RecordView = Pick<EntityRow, 'home' | 'entityId' | 'fields' | 'createdBy'>;

/** One entity type: everything the engine needs to know about it. A user of Fieldsync writes one of these per file. */
export type EntityType = {
  type: string;
  collection: string;
  /** Newest version of the actions' data that this server knows. */
  schemaVersion: number;
  fields: Record<string, FieldSpec>;
  actions: Record<string, ActionSpec>;
  /** Lifts data of an older app to `schemaVersion`; nothing: that version is no longer supported. */
  upcast?: (data: JsonObject, from: number) => JsonObject | undefined;
  /** The one record of this type that a user has (the profile): its id, whatever the action says. */
  singletonId?: (actor: Claims) => string;
  /** Home of a new record; nothing: it can't be told from the data. */
  homeOf: (actor: Claims, data: JsonObject) => Scope | undefined;
  /** Scopes that get a copy. */
  audienceOf: (fields: JsonObject) => Scope[];
  mayCreate: (actor: Claims, fields: JsonObject) => boolean;
  /** Fields that the actor may change on a record that they see. */
  editable: (actor: Claims, record: RecordView) => ReadonlySet<string> | 'all';
  /** Fields that a creator may not set. */
  notAtCreation?: ReadonlySet<string>;
  mayDelete: (actor: Claims, record: RecordView) => boolean;
  /** Rules over more than one value, such as the steps of a status. `before` is missing at creation. */
  checkChange?: (before: JsonObject | undefined, after: JsonObject) => FieldError[];
};

/** What a user of Fieldsync replaces: the types, and the scopes that a token grants. */
export type Domain = {
  types: Record<string, EntityType>;
  scopesOf: (claims: Claims) => Scope[];
};

export function actorOf(domain: Domain, claims: Claims): Actor {
  return { ...claims, scopes: domain.scopesOf(claims) };
}

/** Visible: the record lives in a scope of the actor, or is shared with one. */
export function sees(actor: Actor, row: Pick<EntityRow, 'home' | 'audience'>): boolean {
  return actor.scopes.some((scope) => scope === row.home || row.audience.includes(scope));
}
