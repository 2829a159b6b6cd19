import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createDynamo, type TableNames } from '../../../src/adapters/dynamodb/stores.ts';
import { systemClock as clock } from '../../../src/adapters/system/clock.ts';
import { systemIds as ids } from '../../../src/adapters/system/ids.ts';
import { compareLines } from '../../../src/adapters/diff3/compare-lines.ts';
import { civic } from '../../../src/domain/civic.ts';
import type { Commit, Scope } from '../../../src/engine/model.ts';
import type { VerifyDeps } from '../../../src/service/verify.ts';
import type { Ports } from '../../../src/service/ports.ts';
import type { BatchHeader, ParkedNote } from '../../../src/service/ports/inbox.ts';
import type { StackPlaces } from '../../gateway/local-routes.ts';
import { laneIn, type Lane } from '../lane.ts';

/** A local stack from the inside: what its tables and queues really hold, past every fault. */
export class Inside {
  readonly ports: VerifyDeps & Pick<Ports, 'inbox' | 'devices'>;
  readonly #dynamo: DynamoDBClient;
  readonly #queues: readonly string[];

  constructor({ region, dynamoEndpoint, sqsEndpoint, queueUrl, deadLetterQueueUrl, tableNames }: StackPlaces) {
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    this.#dynamo = new DynamoDBClient({ region, endpoint: dynamoEndpoint, credentials });
    const urls = [queueUrl, ...(deadLetterQueueUrl === undefined ? [] : [deadLetterQueueUrl])];
    // A page of the local queues that shows messages without receiving them.
    this.#queues = urls.map((url) => `${sqsEndpoint}/_fauxqs/queues/${url.split('/').at(-1)}`);
    const client = DynamoDBDocumentClient.from(this.#dynamo, { marshallOptions: { removeUndefinedValues: true } });
    const stores = createDynamo({ client, tables: tableNames as TableNames, clock, ids });
    this.ports = { ...stores, clock, engine: { domain: civic, compareLines, conflictIdOf: () => '' } };
  }

  /** The whole log of a scope. */
  async commits(scope: Scope): Promise<Commit[]> {
    const all: Commit[] = [];
    for (let end = false; !end; ) {
      const read = await this.ports.log.read(scope, all.at(-1)?.n ?? 0, Number.MAX_SAFE_INTEGER, { strong: true });
      all.push(...read.commits);
      end = read.end || read.commits.length === 0;
    }
    return all;
  }

  /** What waits of a lane: batches and parked notes in the inbox, messages in the queues. */
  async waiting(lane: Lane): Promise<{ rows: number; messages: number }> {
    const [rows, ...queues] = await Promise.all([
      this.#rows(lane),
      ...this.#queues.map(async (url) => (await fetch(url)).json() as Promise<{ messages: Record<string, object[]> }>),
    ]);
    const messages = queues.flatMap((queue) => Object.values(queue.messages).flat());
    return { rows: rows.length, messages: messages.filter((message) => laneIn(JSON.stringify(message)) === lane).length };
  }

  /** As if the sweeper's two to fifteen minutes had passed: everything of the lane that waits for it is due. */
  async passTime(lane: Lane): Promise<void> {
    const rows = await this.#rows(lane);
    const { inbox } = this.ports;
    await Promise.all(rows.map((row) => ('note' in row ? inbox.repark(row, { sends: row.sends, dueAt: 0 }) : inbox.change(row, { dueAt: 0 }))));
  }

  close(): void {
    this.#dynamo.destroy();
  }

  async #rows(lane: Lane): Promise<(BatchHeader | ParkedNote)[]> {
    const { rows } = await this.ports.inbox.due(Number.MAX_SAFE_INTEGER, 1000);
    return rows.filter((row) => laneIn(JSON.stringify('note' in row ? row.note.scope : row.scope)) === lane);
  }
}
