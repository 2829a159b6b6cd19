import { mergeField } from '../../src/engine/merge.ts';
import type { Decision } from './decisions.ts';
import { typeNamed, type PhoneDomain } from './domain.ts';
import type { JsonObject, WireConflict } from './wire.ts';

/** Compares two descendants of a text line by line, as the engine wants it: runs that agree, or two versions of a place. */
export type CompareLines = (mine: string[], base: string[], theirs: string[]) => ({ both: string[] } | { mine: string[]; theirs: string[] })[];

/** Lines that can't be compared here are one changed place: one side's text stands as a whole. */
const WHOLE_TEXT: CompareLines = (mine, base, theirs) => {
  const same = (a: string[], b: string[]) => a.join('\n') === b.join('\n');
  if (same(mine, base)) return [{ both: theirs }];
  return same(theirs, base) || same(theirs, mine) ? [{ both: mine }] : [{ mine, theirs }];
};

/**
 * Merges a conflict on the phone by the domain's rules, the ones that the server's strategy `merge` goes by: a hook for
 * `onConflict`, or a proposal for a conflict screen. Texts are merged by lines only with a `compareLines`, such as
 * node-diff3's. Nothing: there is no such rule, because one side deleted the record.
 */
export function mergeByRules(domain: PhoneDomain, conflict: WireConflict, compareLines: CompareLines = WHOLE_TEXT): Decision | undefined {
  const { client_data: mine, server_data: theirs, base_data: base } = conflict;
  if (!mine || !theirs || conflict.server_deleted) return undefined;
  const type = typeNamed(domain, conflict.entity_type);
  const data: JsonObject = {};
  for (const field of conflict.conflicting_fields) {
    const value = mine[field];
    if (value === undefined) continue;
    const sides = { base: base?.[field], mine: value, theirs: theirs[field], mineIsLater: true };
    data[field] = mergeField({ merge: type.fields[field]?.merge ?? 'latest' }, sides, compareLines);
  }
  return { strategy: 'manual', data };
}
