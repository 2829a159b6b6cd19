import type { TableNames } from '../src/adapters/dynamodb/stores.ts';
import { TABLE_ENV } from '../src/runtime/env.ts';

/** What the local stack says of itself. */
export type Places = { region: string; dynamoEndpoint: string; sqsEndpoint: string; queueUrl: string; tableNames: TableNames };

/** Where the local stack that runs on PORT keeps what it has; nothing if none answers. */
export async function localPlaces(): Promise<Places | undefined> {
  const answer = await fetch(`${localUrl()}/.local/stack.json`).catch(() => undefined);
  return answer?.ok ? (answer.json() as Promise<Places>) : undefined;
}

export function localUrl(): string {
  return `http://127.0.0.1:${process.env['PORT'] || 3000}`;
}

/** Tables are named alike on every stage, and after a restore under its prefix. */
export function tablesOf(prefix: string): TableNames {
  const names = Object.entries(TABLE_ENV).map(([table, variable]) => [table, `${prefix}-${variable.replace('TABLE_', '').toLowerCase()}`]);
  return Object.fromEntries(names) as TableNames;
}

/** Nobody checks who calls it. */
export const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };
