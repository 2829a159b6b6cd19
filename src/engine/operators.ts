import type { Json } from '../protocol/json.ts';
import type { FieldSpec } from './domain.ts';
import { canonicalJson, sameJson } from './value.ts';

/** A change that never overlaps with others (design 5). */
export type Operator =
  | { op: 'inc'; by: number }
  | { op: 'add' | 'remove'; items: Json[] };

/** Reads `{"$inc": n}`, `{"$add": […]}`, `{"$remove": […]}` where the field's kind allows them; else nothing. */
export function operatorOf(spec: Pick<FieldSpec, 'kind'>, value: Json): Operator | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  const [key, ...more] = Object.keys(value);
  if (key === undefined || more.length > 0) return undefined;
  const operand = value[key];
  if (spec.kind === 'counter' && key === '$inc' && typeof operand === 'number' && Number.isSafeInteger(operand)) {
    return { op: 'inc', by: operand };
  }
  if (spec.kind === 'set' && Array.isArray(operand) && (key === '$add' || key === '$remove')) {
    return { op: key === '$add' ? 'add' : 'remove', items: operand };
  }
  return undefined;
}

/** The value after the operator; a missing or cleared field counts as 0 or the empty set. */
export function applyOperator(operator: Operator, current: Json | undefined): Json {
  if (operator.op === 'inc') return (typeof current === 'number' ? current : 0) + operator.by;
  const set = Array.isArray(current) ? current : [];
  if (operator.op === 'add') return distinct([...set, ...operator.items]);
  const gone = new Set(operator.items.map(canonicalJson));
  return set.filter((item) => !gone.has(canonicalJson(item)));
}

/**
 * The value that does both, one after the other: an operator where there is one, else the result over the current
 * value.
 */
export function composed(first: Operator, second: Operator, current: Json | undefined): Json {
  if (first.op === 'inc' && second.op === 'inc') return { $inc: first.by + second.by };
  if (first.op === 'inc' || second.op === 'inc' || first.op !== second.op) {
    return applyOperator(second, applyOperator(first, current));
  }
  return { [`$${first.op}`]: distinct([...first.items, ...second.items]) };
}

/** A set as stored: duplicates dropped, first places kept. In linear time: it sees lists before their length is checked. */
export function distinct(items: readonly Json[]): Json[] {
  const seen = new Map<string, Json>();
  for (const item of items) {
    const key = canonicalJson(item);
    if (!seen.has(key)) seen.set(key, item);
  }
  return [...seen.values()];
}

/** Equality of two values of a field: sets do not mind order and duplicates. */
export function sameValue(spec: Pick<FieldSpec, 'kind'> | undefined, a: Json | undefined, b: Json | undefined): boolean {
  const x = a ?? null;
  const y = b ?? null;
  if (spec?.kind === 'set' && Array.isArray(x) && Array.isArray(y)) {
    const left = new Set(x.map(canonicalJson));
    const right = new Set(y.map(canonicalJson));
    return left.size === right.size && [...left].every((key) => right.has(key));
  }
  return sameJson(x, y);
}
