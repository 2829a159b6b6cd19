import type { Json, JsonObject } from '../../../src/protocol/json.ts';

/** One text per value; the order of a list does not count, for all lists here are sets. */
export function textOf(value: Json | undefined): string {
  if (Array.isArray(value)) return `[${value.map(textOf).sort().join()}]`;
  if (value !== null && typeof value === 'object') {
    return `{${Object.keys(value).sort().map((key) => `${key}:${textOf(value[key])}`).join()}}`;
  }
  return JSON.stringify(value ?? null);
}

export function same(a: Json | undefined, b: Json | undefined): boolean {
  return a === b || textOf(a) === textOf(b);
}

/** Equality of whole records: a missing field is a cleared one. */
export function sameFields(a: JsonObject, b: JsonObject): boolean {
  return Object.keys({ ...a, ...b }).every((field) => same(a[field], b[field]));
}

export function isOperator(value: Json): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value) && Object.keys(value).some((key) => key.startsWith('$'));
}

/** What an operator makes of a value. */
export function operate(operator: JsonObject, value: Json | undefined): Json {
  const { $inc, $add, $remove } = operator;
  if (typeof $inc === 'number') return (typeof value === 'number' ? value : 0) + $inc;
  const items = Array.isArray(value) ? value : [];
  if (Array.isArray($add)) return [...items, ...$add.filter((item) => !items.includes(item))];
  return Array.isArray($remove) ? items.filter((item) => !$remove.includes(item)) : items;
}
