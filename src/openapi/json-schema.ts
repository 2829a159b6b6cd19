/** A JSON Schema (2020-12) as a plain object. */
export type Schema = { [keyword: string]: unknown };

/** Keywords that say nothing here: names are given by the place, keys of objects are always text. */
const NOISE: ReadonlySet<string> = new Set(['$schema', '$id', 'propertyNames']);

/** What the generator writes, in the form that people and generators of clients read best. */
export function tidied(schema: Schema): Schema {
  const kept = Object.entries(schema).filter(([keyword]) => !NOISE.has(keyword));
  const inner = Object.fromEntries(kept.map(([keyword, value]) => [keyword, tidiedValue(value)])) as Schema;
  return withoutSafeRange(withoutDatePattern(orNull(inner)));
}

function tidiedValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidiedValue);
  return typeof value === 'object' && value !== null ? tidied(value as Schema) : value;
}

/** `anyOf: [{ type: T, … }, { type: null }]` is `type: [T, null], …`. */
function orNull(schema: Schema): Schema {
  const { anyOf, ...rest } = schema;
  if (!Array.isArray(anyOf) || anyOf.length !== 2) return schema;
  const [form, none] = anyOf as [Schema, Schema];
  if (none['type'] !== 'null' || typeof form['type'] !== 'string' || 'enum' in form || 'const' in form) return schema;
  return { ...rest, ...form, type: [form['type'], 'null'] };
}

/** The generator's pattern for times is a page long; the format says as much. */
function withoutDatePattern(schema: Schema): Schema {
  if (schema['format'] !== 'date-time') return schema;
  const { pattern: _, ...rest } = schema;
  return rest;
}

/** Whole numbers are within ±(2^53−1) everywhere. */
function withoutSafeRange(schema: Schema): Schema {
  const { minimum, maximum, ...rest } = schema;
  return {
    ...rest,
    ...(minimum === undefined || minimum === Number.MIN_SAFE_INTEGER ? {} : { minimum }),
    ...(maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? {} : { maximum }),
  };
}
