import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { INBOX, notesOf, ownerKey } from '../../src/adapters/dynamodb/keys.ts';
import { createDynamo } from '../../src/adapters/dynamodb/stores.ts';
import type { BatchHeader, ParkedNote } from '../../src/service/ports/inbox.ts';
import { sweep } from '../../src/service/sweeper.ts';
import { action, claims } from '../support/builders.ts';
import { useDynamo } from '../support/dynamodb-local.ts';
import { createWorld } from '../support/world.ts';

const FIRST = '000000000000001-000';
const SECOND = '000000000000002-000';

/* After a rollback the inbox may hold what only the newer version can read. It keeps nobody else waiting (P11). */
describe('rows of the inbox that a newer version wrote', () => {
  const dynamo = useDynamo();

  it('keep no other row from being sent or listed, are told to someone, and go on when that version is back', async () => {
    const tables = await dynamo.fresh('uploadInbox');
    const world = createWorld();
    const { inbox } = createDynamo({ client: dynamo.client, tables, clock: world.clock, ids: world.deps.ids });
    const deps = { ...world.deps, inbox };
    const dueAt = world.clock.now() - 1;
    const put = (user: string, batchId: string, state: BatchHeader['state']) => {
      const header: BatchHeader = {
        owner: { user, device: 'phone' }, batchId, scope: `user:${user}`, claims: claims({ sub: user }), acceptedAt: dueAt, actions: [],
        state, attempts: 0, trying: 0, changedAt: dueAt, sends: 1, dueAt,
      };
      return inbox.put(header, [action()]);
    };
    for (const user of ['bob', 'carol']) await put(user, FIRST, 'pending');
    for (const batchId of [FIRST, SECOND]) await put('dave', batchId, 'dead');
    const note: ParkedNote = {
      id: 'n-1', note: { scope: 'department:roads', home: 'user:alice', n: 1, records: [{ type: 'report', entityId: 'r-1' }] }, sends: 1, dueAt,
    };
    await inbox.park(note);

    const rewrite = async (key: { owner: string; batch_id: string }, body: unknown) => {
      const { Attributes } = await dynamo.client.send(new UpdateCommand({
        TableName: tables.uploadInbox, Key: key, UpdateExpression: 'SET body = :body', ConditionExpression: 'attribute_exists(body)',
        ExpressionAttributeValues: { ':body': body }, ReturnValues: 'UPDATED_OLD',
      }));
      return () => rewrite(key, Attributes?.['body']);
    };
    const unknown = Uint8Array.of(9, 1, 2);
    const backs = [
      await rewrite({ owner: ownerKey({ user: 'bob', device: 'phone' }), batch_id: INBOX.header + FIRST }, unknown),
      await rewrite({ owner: notesOf('department:roads'), batch_id: INBOX.note + note.id }, unknown),
    ];
    await rewrite({ owner: ownerKey({ user: 'dave', device: 'phone' }), batch_id: INBOX.header + SECOND }, unknown);

    expect(await sweep(deps)).toEqual({ batches: 1, notes: 0, failed: 0, unreadable: 2 });
    expect(world.ports.queue.messages().map(({ message }) => message)).toMatchObject([{ owner: { user: 'carol' } }]);
    expect(world.report.lines.filter(({ level }) => level === 'alarm')).toEqual([
      { level: 'alarm', event: 'inbox_row_unreadable', fields: { rows: 2 } },
    ]);
    expect((await inbox.list('dead', '', 10)).rows.map(({ batchId }) => batchId)).toEqual([FIRST]);

    for (const back of backs) await back();
    expect(await sweep(deps)).toEqual({ batches: 1, notes: 1, failed: 0, unreadable: 0 });
  });
});
