import type * as z from 'zod/mini';
import type { FieldError } from './error-codes.ts';

type Issue = z.core.$ZodIssue;

/** Faults listed per refusal: enough to mend a form, few enough to answer. */
export const MOST_FAULTS = 100;

/**
 * What a schema found wrong, for people and programs: pointers (RFC 6901) relative to the checked value, below `at`.
 * Messages hold nothing of the input. With `input`, the value that was checked, a missing key is `required`.
 */
export function pointerIssues(issues: readonly Issue[], options: { input?: unknown; at?: string } = {}): FieldError[] {
  return issues.flatMap((issue) => faultsOf(issue, issue.path, options)).slice(0, MOST_FAULTS);
}

/** Keys longer than this are not repeated in pointers. */
const LONGEST_KEY = 64;
/** Most characters of a pointer below `at`: refusals are kept and answered by the hundred. */
const LONGEST_POINTER = 256;

/** A JSON pointer for a path, below `at`. A place that takes too many words is told by what holds it. */
export function pointerOf(path: readonly PropertyKey[], at = ''): string {
  let pointer = '';
  for (const key of path) {
    const name = String(key);
    const longer = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (name.length > LONGEST_KEY || longer.length > LONGEST_POINTER) break;
    pointer = longer;
  }
  return at + pointer;
}

function faultsOf(issue: Issue, path: readonly PropertyKey[], options: { input?: unknown; at?: string }): FieldError[] {
  const pointer = pointerOf(path, options.at);
  if ('input' in options && isAbsent(options.input, path)) {
    return [{ pointer, code: 'required', message: 'This is required.' }];
  }
  if (issue.code === 'invalid_union') {
    // The alternative whose type fits says more than "none fits".
    const fitting = issue.errors.find((found) => !found.some((inner) => inner.code === 'invalid_type' && inner.path.length === 0));
    if (fitting) return fitting.flatMap((inner) => faultsOf(inner, [...path, ...inner.path], options));
    return [{ pointer, code: 'invalid_type', message: `Expected ${alternatives(issue.errors.flat())}.` }];
  }
  return [{ pointer, code: issue.code, message: messageOf(issue) }];
}

function isAbsent(input: unknown, path: readonly PropertyKey[]): boolean {
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return true;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value === undefined;
}

function messageOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `Expected ${nameOfType(issue.expected)}.`;
    case 'invalid_value':
      return `Expected one of: ${issue.values.map(String).join(', ')}.`;
    case 'invalid_format':
      return issue.format === 'datetime'
        ? 'Expected a time in ISO 8601 with a zone, such as 2025-10-19T10:00:00Z.'
        : `Expected text of the form ${issue.pattern ?? issue.format}.`;
    case 'too_small':
      return `Expected at least ${amount(issue.origin, issue.minimum)}.`;
    case 'too_big':
      return `Expected at most ${amount(issue.origin, issue.maximum)}.`;
    case 'not_multiple_of':
      return `Expected a multiple of ${issue.divisor}.`;
    default:
      return 'This is not valid.';
  }
}

function alternatives(issues: readonly Issue[]): string {
  const names = issues.map((issue) => (issue.code === 'invalid_type' ? nameOfType(issue.expected) : undefined));
  return [...new Set(names.filter((name) => name !== undefined))].join(' or ');
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
};

function nameOfType(expected: string): string {
  return TYPE_NAMES[expected] ?? expected;
}

function amount(origin: string, limit: number | bigint): string {
  const unit = origin === 'string' ? 'character' : origin === 'array' ? 'item' : undefined;
  if (unit === undefined) return String(limit);
  return `${limit} ${unit}${Number(limit) === 1 ? '' : 's'}`;
}
