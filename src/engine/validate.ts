import type { FieldError } from '../protocol/error-codes.ts';
import { pointerOf } from '../protocol/issues.ts';
import type { Json, JsonObject } from '../protocol/json.ts';
import type { ActionSpec, EntityType, FieldSpec } from './domain.ts';
import { applyOperator, distinct, operatorOf, sameValue } from './operators.ts';

/** A fault of a field, pointing into the action. */
export function fault(field: string, code: string, message: string): FieldError {
  return { pointer: pointerOf(['data', field]), code, message };
}

/** Fields of an action that really change: one that equals its `base` was not touched (protocol.md, data). */
export function touchedData(type: EntityType, data: JsonObject, base: JsonObject | undefined): JsonObject {
  const touched: JsonObject = {};
  for (const [field, value] of Object.entries(data)) {
    const known = base !== undefined && Object.hasOwn(base, field);
    if (known && sameValue(type.fields[field], value, base[field])) continue;
    touched[field] = type.fields[field]?.kind === 'set' && Array.isArray(value) ? distinct(value) : value;
  }
  return touched;
}

/** What is wrong with the values that an action sends, field by field. Rights and steps are judged elsewhere. */
export function checkData(type: EntityType, spec: ActionSpec, data: JsonObject): FieldError[] {
  const errors: FieldError[] = [];
  for (const [field, value] of Object.entries(data)) {
    const fieldSpec = Object.hasOwn(type.fields, field) ? type.fields[field] : undefined;
    if (!fieldSpec) errors.push(fault(field, 'unknown_field', 'This field does not exist or belongs to the server.'));
    else if (spec.fields && !spec.fields.includes(field)) {
      errors.push(fault(field, 'field_not_allowed', 'This action does not change this field.'));
    } else {
      const message = checkValue(fieldSpec, value);
      if (message) errors.push(fault(field, 'invalid_value', message));
    }
  }
  return errors;
}

function checkValue(spec: FieldSpec, value: Json): string | undefined {
  if (value === null) return spec.required ? 'This field is required: it cannot be cleared.' : undefined;
  const operator = operatorOf(spec, value);
  if (!operator) return spec.check(value);
  // What comes of it is checked when it is applied (`checkRecord`); a count may also go down.
  return operator.op === 'inc' ? undefined : spec.check(operator.items);
}

/**
 * What is wrong with a whole record after a change: required fields, operators' results, the domain's own rules. A
 * record that is older than a required field may stay without it.
 */
export function checkRecord(
  type: EntityType,
  before: JsonObject | undefined,
  after: JsonObject,
  changed: Iterable<string>,
): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set(changed);
  for (const [field, spec] of Object.entries(type.fields)) {
    const value = after[field] ?? null;
    if (spec.required && value === null && (!before || names.has(field))) {
      errors.push(fault(field, 'required', 'This field is required.'));
    }
    if (!names.has(field)) continue;
    if (spec.immutable && before && !sameValue(spec, before[field], value)) {
      errors.push(fault(field, 'immutable', 'This field cannot change.'));
    }
    const message = value !== null ? spec.check(value) : undefined;
    if (message) errors.push(fault(field, 'invalid_value', message));
  }
  if (errors.length > 0 || !type.checkChange) return errors;
  return type.checkChange(before, after);
}

/** Fields of a new record: initial values, then the action's, operators applied to nothing. */
export function newFields(type: { readonly fields: Readonly<Record<string, Pick<FieldSpec, 'kind' | 'initial'>>> }, data: JsonObject): JsonObject {
  const fields: JsonObject = {};
  for (const [field, spec] of Object.entries(type.fields)) {
    if (spec.initial !== undefined) fields[field] = spec.initial;
  }
  for (const [field, value] of Object.entries(data)) {
    const spec = type.fields[field];
    const operator = spec && operatorOf(spec, value);
    fields[field] = operator ? applyOperator(operator, fields[field]) : value;
  }
  return fields;
}
