import type { FieldSpec } from '../engine/domain.ts';
import { ID_PATTERN, timestamp } from '../protocol/primitives.ts';
import type { Json, JsonObject } from '../protocol/json.ts';

/*
 * Builders of fields. Each returns a spec whose `check` says in one sentence what a value must be, and whose `schema` says
 * the same in JSON Schema, as far as that can; lengths count Unicode code points. `required`, `immutable` and `initially`
 * wrap them.
 */

const SLUG = /^[a-z0-9-]{1,64}$/;
const LANGUAGE = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
/** As the verifier of tokens has it. */
const PRINTABLE = /^[^\p{C}\p{Zl}\p{Zp}]{1,128}$/u;

function scalar(schema: JsonObject, holds: (value: Json) => boolean, message: string): FieldSpec {
  return { kind: 'scalar', merge: 'latest', schema, check: (value) => (holds(value) ? undefined : message) };
}

function hasLength(value: Json, min: number, max: number): value is string {
  if (typeof value !== 'string' || value.length < min || value.length > 2 * max) return false;
  return [...value].length <= max;
}

/** One line or more of text of `min`..`max` characters; the later edit wins a merge. A minimum bars blank texts too. */
export function string(min: number, max: number): FieldSpec {
  return scalar(
    { type: 'string', minLength: min, maxLength: max },
    (value) => hasLength(value, min, max) && (min === 0 || value.trim() !== ''),
    min === 0 ? `Must be a text of at most ${max} characters.` : `Must be a text of ${min} to ${max} characters, not blank.`,
  );
}

/** Long text of at most `max` characters, merged by lines where the old text is known. */
export function text(max: number): FieldSpec {
  return { ...string(0, max), kind: 'text', merge: 'text' };
}

/** Name of a category or a department, such as `roads`. */
export function slug(): FieldSpec {
  return scalar(
    { type: 'string', pattern: SLUG.source },
    (value) => typeof value === 'string' && SLUG.test(value),
    'Must be 1 to 64 lower-case letters, digits or hyphens.',
  );
}

/** Id of a user as tokens have it: the `sub`. */
export function subject(): FieldSpec {
  return scalar(
    { type: 'string', minLength: 1, maxLength: 128 },
    (value) => typeof value === 'string' && value.length <= 128 && PRINTABLE.test(value),
    "Must be a user's id: 1 to 128 printable characters.",
  );
}

/** Another record: its entity_id, or its server_id as number or digits. */
export function recordId(): FieldSpec {
  return scalar(
    { anyOf: [{ type: 'string', pattern: ID_PATTERN.source }, { type: 'integer', minimum: 1 }] },
    (value) => (typeof value === 'string' ? ID_PATTERN.test(value) : Number.isSafeInteger(value) && (value as number) > 0),
    "Must be a record's id: 1 to 64 letters, digits, _ or -, or its number.",
  );
}

export function numberBetween(min: number, max: number): FieldSpec {
  return scalar(
    { type: 'number', minimum: min, maximum: max },
    (value) => typeof value === 'number' && value >= min && value <= max,
    `Must be a number from ${min} to ${max}.`,
  );
}

export function oneOf(values: readonly string[]): FieldSpec {
  return scalar(
    { type: 'string', enum: [...values] },
    (value) => typeof value === 'string' && values.includes(value),
    `Must be one of: ${values.join(', ')}.`,
  );
}

export function boolean(): FieldSpec {
  return scalar({ type: 'boolean' }, (value) => typeof value === 'boolean', 'Must be true or false.');
}

/** Language tag such as `de` or `pt-BR`. */
export function language(): FieldSpec {
  return scalar(
    { type: 'string', pattern: LANGUAGE.source },
    (value) => typeof value === 'string' && LANGUAGE.test(value),
    'Must be a language tag such as "de" or "pt-BR".',
  );
}

/** `2025-10-19`, or a time with its zone. Days must exist. */
export function date(): FieldSpec {
  return scalar(
    { type: 'string' },
    (value) => typeof value === 'string' && (isDay(value) || timestamp.safeParse(value).success),
    'Must be a date (2025-10-19) or a time with its zone (2025-10-19T10:00:00Z).',
  );
}

function isDay(value: string): boolean {
  return DATE.test(value) && timestamp.safeParse(`${value}T00:00:00Z`).success;
}

/** A set of at most `max` items that each pass `item`; overlapping edits unite. */
export function setOf(max: number, item: FieldSpec): FieldSpec {
  return {
    kind: 'set',
    merge: 'union',
    schema: { type: 'array', maxItems: max, items: item.schema ?? {} },
    check: (value) => {
      if (!Array.isArray(value)) return `Must be a list of at most ${max} items.`;
      if (value.length > max) return `Must have at most ${max} items.`;
      const wrong = value.map((entry) => (entry === null ? 'Must not be null.' : item.check(entry))).find(Boolean);
      return wrong && `Each item: ${wrong}`;
    },
  };
}

/** A set of at most `max` attachments, by their ids as the server made them. */
export function attachments(max: number): FieldSpec {
  const id = scalar(
    { type: 'string', pattern: ID_PATTERN.source },
    (value) => typeof value === 'string' && ID_PATTERN.test(value),
    "Must be an attachment's id: 1 to 64 letters, digits, _ or -.",
  );
  return { ...setOf(max, id), attachments: true };
}

/** A whole number from 0 that `$inc` counts up and down from wherever it is. */
export function counter(): FieldSpec {
  return {
    kind: 'counter',
    merge: 'latest',
    initial: 0,
    schema: { type: 'integer', minimum: 0 },
    check: (value) => (Number.isSafeInteger(value) && (value as number) >= 0 ? undefined : 'Must be a whole number from 0.'),
  };
}

/** Must be there, and cannot be cleared. */
export function required(spec: FieldSpec): FieldSpec {
  return { ...spec, required: true };
}

/** Set at creation only. */
export function immutable(spec: FieldSpec): FieldSpec {
  return { ...spec, immutable: true };
}

/** Value of a new record that has none. */
export function initially(initial: Json, spec: FieldSpec): FieldSpec {
  return { ...spec, initial };
}
