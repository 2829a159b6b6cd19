import type { Domain, EntityType, FieldSpec } from '../engine/domain.ts';
import { refTo } from './components.ts';
import type { Schema } from './json-schema.ts';

/** `report` → `ReportRecord`. */
export function recordName(type: string): string {
  const words = type.split(/[^A-Za-z0-9]+/).map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${words.join('')}Record`;
}

/** One schema per type of the domain: the server's keys, as `base` has them, and the fields of the type. */
export function recordSchemas(domain: Domain, base: Schema): Record<string, Schema> {
  return Object.fromEntries(Object.values(domain.types).map((type) => [recordName(type.type), recordSchema(type, base)]));
}

function recordSchema(type: EntityType, { properties, required }: Schema): Schema {
  const fields = Object.entries(type.fields);
  return {
    type: 'object',
    description: `A record of the type \`${type.type}\`. A field that was never set is absent.`,
    properties: {
      ...(properties as object),
      type: { type: 'string', const: type.type },
      ...Object.fromEntries(fields.map(([name, spec]) => [name, fieldSchema(spec)])),
    },
    required: [...(required as string[]), ...fields.filter(([, spec]) => spec.required).map(([name]) => name)],
  };
}

/** A field as it is downloaded: cleared ones are null. */
function fieldSchema(spec: FieldSpec): Schema {
  const schema: Schema = { ...spec.schema };
  const notes = [
    ...(spec.kind === 'set' ? ['A set; takes `{"$add": […]}` and `{"$remove": […]}`.'] : []),
    ...(spec.kind === 'counter' ? ['A counter; takes `{"$inc": n}`.'] : []),
    ...(spec.immutable ? ['Never changes.'] : []),
    `Merges by \`${spec.merge}\`.`,
  ];
  const description = notes.join(' ');
  if (spec.required || Object.keys(schema).length === 0) return { description, ...schema };
  return typeof schema['type'] === 'string' && !('enum' in schema)
    ? { description, ...schema, type: [schema['type'], 'null'] }
    : { description, anyOf: [schema, { type: 'null' }] };
}

/** `Record`: a record of any type. */
export function anyRecord(domain: Domain): Schema {
  const types = Object.keys(domain.types);
  return {
    description: 'A record of any type.',
    oneOf: types.map((type) => refTo(recordName(type))),
    discriminator: { propertyName: 'type', mapping: Object.fromEntries(types.map((type) => [type, String(refTo(recordName(type))['$ref'])])) },
  };
}

/** `data` or `deleted` of a page: one list per collection. */
export function byCollection(domain: Domain, nameOf: (type: string) => string): Schema {
  const lists = Object.values(domain.types).map(({ type, collection }) => [collection, { type: 'array', items: refTo(nameOf(type)) }]);
  return { type: 'object', properties: Object.fromEntries(lists) as Schema };
}

/** What users can do, as a table of the description. */
export function actionTable(domain: Domain): string {
  const rows = Object.values(domain.types).flatMap((type) =>
    Object.entries(type.actions).map(([name, { op, priority }]) => `| \`${name}\` | \`${type.type}\` | ${op} | ${priority} |`));
  return ['| action | type | does | priority |', '|---|---|---|---|', ...rows].join('\n');
}
