import type { Json, JsonObject, Strategy } from './wire.ts';

/** What the phone knows of a field. A field of the server's domain fits as it is. */
export type PhoneField = {
  kind: 'scalar' | 'text' | 'set' | 'counter';
  merge?: 'latest' | 'text' | 'union' | 'max' | 'min';
  /** Shown for a new record until the server's own value is there. */
  initial?: Json;
  /** A set of attachment ids: photos can be attached. */
  attachments?: true;
};

/** What a user can do to a type. `upsert` creates the record on first use. */
export type PhoneAction = {
  op: 'create' | 'update' | 'upsert' | 'delete';
  /** Only these fields may be sent. */
  fields?: readonly string[];
};

/** What the phone knows of an entity type. A type of the server's domain (`src/domain/`) fits as it is. */
export type PhoneType = {
  /** Name of its list in a download: `reports`. */
  collection: string;
  /** Version of the form in which this app writes the type's data; default 1. */
  schemaVersion?: number;
  fields: Readonly<Record<string, PhoneField>>;
  actions: Readonly<Record<string, PhoneAction>>;
  /** Anything but nothing: a user has one record of this type, and it needs no id (the profile). */
  singletonId?: unknown;
  /** Sent with every action on this type: how the server settles overlaps by itself. Default: none, a person is asked. */
  strategy?: Strategy;
  /** Lifts data of an older app, so that actions which it left in the outbox are shown by this one. */
  upcast?: (data: JsonObject, from: number) => JsonObject | undefined;
};

/** The types that the app uses, by name. Others are not downloaded. */
export type PhoneDomain = { types: Readonly<Record<string, PhoneType>> };

/** A call that the app's own domain does not allow: a bug of the app, never trouble of the network. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
}

/** The record is not on this device: never downloaded, or gone meanwhile. */
export class NotOnDevice extends Error {
  override readonly name = 'NotOnDevice';

  constructor(type: string, entityId: string | undefined) {
    super(`There is no ${type} "${entityId ?? ''}" on this device.`);
  }
}

export function typeNamed(domain: PhoneDomain, name: string): PhoneType {
  const type = Object.hasOwn(domain.types, name) ? domain.types[name] : undefined;
  if (!type) throw new DomainError(`There is no type "${name}" in the domain.`);
  return type;
}

/** The action that does this to a type: the one asked for, else the first that may send these fields. */
export function actionFor(
  domain: PhoneDomain,
  typeName: string,
  ops: readonly PhoneAction['op'][],
  data: JsonObject,
  asked?: string,
): string {
  const type = typeNamed(domain, typeName);
  const fits = ({ op, fields }: PhoneAction) => ops.includes(op) && (!fields || Object.keys(data).every((field) => fields.includes(field)));
  const found = Object.entries(type.actions).find(([name, spec]) => (asked === undefined ? fits(spec) : name === asked && ops.includes(spec.op)));
  if (!found) throw new DomainError(`The type "${typeName}" has no action that could ${ops[0]} it so.`);
  return found[0];
}

/** Name of the type that a download lists under a collection. */
export function typeOfCollection(domain: PhoneDomain, collection: string): string | undefined {
  return Object.entries(domain.types).find(([, type]) => type.collection === collection)?.[0];
}
