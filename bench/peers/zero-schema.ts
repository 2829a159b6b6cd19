import { createBuilder, createSchema, defineMutator, defineMutators, defineQueries, defineQuery, json, number, string, table, type Transaction } from '@rocicorp/zero';
import type { Small } from './peer.ts';

const report = table('report')
  .columns({
    id: string(), owner: string(), title: string(), description: string(), category: string(),
    latitude: number(), longitude: number(), tags: json<string[]>(),
  })
  .primaryKey('id');

export const schema = createSchema({ tables: [report] });

declare module '@rocicorp/zero' {
  interface DefaultTypes {
    schema: typeof schema;
  }
}

const zql = createBuilder(schema);

/** What a client may ask: the reports of one person. */
export const queries = defineQueries({
  mine: defineQuery(({ args }: { args: { owner: string } }) => zql.report.where('owner', args.owner)),
});

export type NewReport = Small & { id: string; owner: string };

/** What a client may do; runs on the client first, then on the server. */
export const mutators = defineMutators({
  create: defineMutator(async ({ tx, args }: { tx: Transaction; args: NewReport }) => {
    await tx.mutate.report.insert(args);
  }),
});

/** The same table for PostgreSQL. */
export const DDL = `CREATE TABLE report (
  id text PRIMARY KEY, owner text NOT NULL, title text NOT NULL, description text NOT NULL, category text NOT NULL,
  latitude double precision NOT NULL, longitude double precision NOT NULL, tags jsonb NOT NULL
); CREATE INDEX report_owner ON report (owner);`;
