import type { LambdaClient } from '@aws-sdk/client-lambda';
import { describe, expect, it } from 'vitest';
import { ACCESS } from '../../../lib/access.ts';
import { TABLE_ENV } from '../../../src/runtime/env.ts';
import { lambdaBackend } from '../../../tools/admin/backend.ts';
import { deployedPlace, KNOWING } from '../../../tools/admin/erase.ts';
import { card, table } from '../../../tools/admin/show.ts';

/** A Lambda that answers so, and keeps what it was asked. */
function lambda(answer: { payload?: unknown; failed?: string; refused?: string }) {
  const asked: { name: string; event: unknown }[] = [];
  const send = async (command: { input: { FunctionName: string; Payload: Uint8Array } }) => {
    asked.push({ name: command.input.FunctionName, event: JSON.parse(Buffer.from(command.input.Payload).toString()) as unknown });
    if (answer.refused !== undefined) throw new Error(answer.refused);
    return { Payload: Buffer.from(JSON.stringify(answer.payload)), ...(answer.failed === undefined ? {} : { FunctionError: answer.failed }) };
  };
  return { asked, client: { send } as unknown as LambdaClient };
}

describe('the command line’s way to deployed functions', () => {
  it('asks each function with the event that it takes directly', async () => {
    const { asked, client } = lambda({ payload: { success: true, rows: [] } });
    const backend = lambdaBackend(client, 'prod');
    expect(await backend({ path: '/admin/query', body: { query: 'overview' } })).toEqual({ success: true, rows: [] });
    await backend({ path: '/admin/redrive', body: { all: true } });
    await backend({ path: '/sync/resolve-conflict', body: { conflict_id: 'c' } });
    expect(asked).toEqual([
      { name: 'fieldsync-prod-admin-query', event: { query: 'overview' } },
      { name: 'fieldsync-prod-admin-query', event: { redrive: { all: true } } },
      { name: 'fieldsync-prod-resolve-conflict', event: { conflict_id: 'c' } },
    ]);
  });

  it.each([
    ['a refusal', { payload: { status: 409, code: 'already_resolved', detail: 'It was.' } }, 1, /already_resolved: It was/],
    ['trouble', { payload: { status: 503, code: 'unavailable', title: 'Later' } }, 3, /unavailable: Later/],
    ['a function that failed', { payload: { errorType: 'Runtime.ExitError' }, failed: 'Unhandled' }, 3, /admin-query failed/],
    ['no right to invoke it', { refused: 'AccessDenied' }, 3, /could not be invoked: AccessDenied/],
  ] as const)('tells %s, and how that ends', async (_, answer, exitCode, message) => {
    const backend = lambdaBackend(lambda(answer).client, 'prod');
    await expect(backend({ path: '/admin/query', body: {} })).rejects.toMatchObject({ exitCode, message: expect.stringMatching(message) as string });
  });
});

describe('tables for people', () => {
  it('line up, numbers to the right, and let nothing of what users wrote move the cursor', () => {
    const rows = [
      { at: '2026-11-25T10:00:00.000Z', count: 7, data: { title: 'A' } },
      { at: null, count: 12345, data: 'x\u001b[2Jy' },
    ];
    expect(table(rows, ['at', 'count', 'data']).split('\n')).toEqual([
      'at                   count  data',
      '-------------------  -----  -------------',
      '2026-11-25 10:00:00      7  {"title":"A"}',
      '-                    12345  x�[2Jy',
    ]);
    expect(table([], ['at'])).toBe('(nothing)');
    expect(card({ user: 'alice', data: { a: 1 } })).toBe('user  alice\ndata  {\n        "a": 1\n      }');
  });
});

describe('where a deployed stage keeps what is to be erased', () => {
  const settings: Record<string, Record<string, string>> = {
    'fieldsync-prod-worker': { TABLE_SCOPE_LOG: 'rescue-scope_log', TABLE_ENTITIES: 'rescue-entities', QUEUE_URL: 'https://queue', EPOCH: '2' },
    'fieldsync-prod-upload': { TABLE_CLIENT_SYNC_STATE: 'rescue-client_sync_state', EPOCH: '2' },
  };
  const client = (known: typeof settings) => ({
    send: async ({ input }: { input: { FunctionName: string } }) => {
      if (!known[input.FunctionName]) throw new Error('AccessDenied');
      return { Environment: { Variables: known[input.FunctionName] } };
    },
  }) as unknown as LambdaClient;

  it('is told by its functions, after a restore too', async () => {
    expect(await deployedPlace(client(settings), 'prod')).toMatchObject({
      tables: { scopeLog: 'rescue-scope_log', entities: 'rescue-entities', clientSyncState: 'rescue-client_sync_state' }, queueUrl: 'https://queue', epoch: 2,
    });
    await expect(deployedPlace(client({}), 'prod')).rejects.toMatchObject({ exitCode: 3 });
  });

  it('is every table but those that tell of nobody, or of who is connected now', () => {
    const given = KNOWING.flatMap((name) => Object.keys(ACCESS[name].tables));
    expect(Object.keys(TABLE_ENV).filter((table) => !given.includes(table)).toSorted()).toEqual(['connections', 'usage']);
  });
});
