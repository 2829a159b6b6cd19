import { createServer, type IncomingMessage } from 'node:http';
import { mustGetMutator, mustGetQuery } from '@rocicorp/zero';
import { handleMutateRequest, handleQueryRequest } from '@rocicorp/zero/server';
import { zeroPostgresJS } from '@rocicorp/zero/server/adapters/postgresjs';
import postgres from 'postgres';
import { DDL, mutators, queries, schema } from './zero-schema.ts';

// The part of Zero that its user writes: where zero-cache sends mutations and asks what a query means.
const [database = '', port = ''] = process.argv.slice(2);
const sql = postgres(database, { onnotice: () => undefined });
await sql.unsafe(DDL);
const dbProvider = zeroPostgresJS(schema, sql);

createServer((request, response) => {
  void answer(request).then(
    (body) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
    (error) => response.writeHead(500).end(String(error)),
  );
}).listen(Number(port), '127.0.0.1', () => console.log('ready'));

async function answer(request: IncomingMessage): Promise<unknown> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = JSON.parse(Buffer.concat(chunks).toString());
  // A token that is the user's name: verifying one is not what is measured.
  const userID = request.headers.authorization?.slice('Bearer '.length) ?? null;
  if (url.pathname === '/query') {
    return handleQueryRequest({
      schema, userID, query: url.searchParams, body,
      handler: (name, args) => mustGetQuery(queries, name).fn({ args: args as never, ctx: undefined as never }),
    });
  }
  return handleMutateRequest({
    dbProvider, userID, query: url.searchParams, body,
    handler: (transact, _mutation) => transact(async (tx, name, args) => {
      await mustGetMutator(mutators, name).fn({ tx, args: args as never, ctx: undefined as never });
    }),
  });
}
