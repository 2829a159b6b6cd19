import type * as z from 'zod/mini';
import { LIMITS } from '../protocol/limits.ts';
import { jsonSchemas } from './components.ts';
import type { Schema } from './json-schema.ts';
import type { Operation } from './operations.ts';

/** What the names of a query mean, on whatever route they stand. */
const QUERY_WORDS: Readonly<Record<string, string>> = {
  device_id: 'The device.',
  since: 'The last `sync_timestamp` that this device was given; one that is not known gets everything, with `reset`.',
  cursor: 'Opaque, from the answer before.',
  limit: 'Most items per page, in plain decimal digits.',
  types: 'Entity types, joined by commas; default all.',
  status: 'Default `unresolved`.',
  client_ids: 'Joined by commas.',
  entity_id: 'Id or server_id of the record.',
};

/** Path, query and header parameters of an operation. */
export function parametersOf({ path = {}, query, prefer }: Operation): Schema[] {
  return [
    ...Object.entries(path).map(([name, description]) => ({ name, in: 'path', required: true, description, schema: { type: 'string' } })),
    ...(query === undefined ? [] : queryParameters(query)),
    ...(prefer === undefined ? [] : [preferParameter(prefer)]),
  ];
}

function queryParameters(query: z.ZodMiniType): Schema[] {
  const { Query: schema = {} } = jsonSchemas({ Query: query });
  const required = (schema['required'] ?? []) as string[];
  return Object.entries(schema['properties'] as Record<string, Schema>).map(([name, form]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    description: QUERY_WORDS[name] ?? '',
    schema: form,
  }));
}

function preferParameter(prefer: 'outcomes' | 'wait'): Schema {
  const wait = `\`wait=N\`: wait for outcomes at most N seconds, 0–${LIMITS.waitSecondsMax}, default ${LIMITS.waitSecondsDefault}.`;
  const more = ' `respond-async`: do not wait. `return=representation`: add `record` to each result. Joined by commas.';
  return {
    name: 'Prefer',
    in: 'header',
    required: false,
    description: prefer === 'wait' ? wait : wait + more,
    schema: { type: 'string' },
    example: 'wait=10',
  };
}
