import { adminQueryResponse } from '../protocol/admin.ts';
import { ADMIN_ROWS } from '../protocol/admin-rows.ts';
import { jsonSchemas, refTo } from './components.ts';
import type { Schema } from './json-schema.ts';

/** `overview` → `OverviewRow`. */
function rowName(query: string): string {
  return `${query.split('_').map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}Row`;
}

/** `AdminQueryResponse`, which has the columns of the query asked for, and the rows of every query. */
export function adminAnswers(): Record<string, Schema> {
  const named = Object.entries(ADMIN_ROWS).map(([query, schema]) => [query, rowName(query), schema] as const);
  const { AdminQueryResponse: page = {}, ...rows } = jsonSchemas({
    AdminQueryResponse: adminQueryResponse,
    ...Object.fromEntries(named.map(([, name, schema]) => [name, schema])),
  });
  return {
    AdminQueryResponse: {
      description: 'A page of the query that was asked for.',
      oneOf: named.map(([query, name]) => pageOf(page, query, name)),
    },
    ...rows,
  };
}

function pageOf(page: Schema, query: string, row: string): Schema {
  return {
    title: query,
    ...page,
    properties: {
      ...(page['properties'] as object),
      query: { type: 'string', const: query },
      rows: { type: 'array', items: refTo(row) },
      next_cursor: { type: ['string', 'null'], description: 'Null at the end of the list.' },
    },
  };
}
