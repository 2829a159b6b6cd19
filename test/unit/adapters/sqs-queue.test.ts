import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { createSqsClient } from '../../../src/adapters/sqs/client.ts';
import { readBody, writeBody } from '../../../src/adapters/sqs/message-body.ts';
import { createQueue } from '../../../src/adapters/sqs/queue.ts';
import { systemIds } from '../../../src/adapters/system/ids.ts';
import { Trouble } from '../../../src/service/errors.ts';
import type { Message } from '../../../src/service/ports/queue.ts';
import { refusal, startFakeAws, type Answer, type FakeAws, type Request } from '../../support/fake-aws.ts';

type Entry = { Id: string; MessageBody: string; MessageGroupId: string; MessageDeduplicationId: string };
const entriesOf = (request: Request) => request.input['Entries'] as Entry[];

/** Takes the entries but those that the test refuses, with this code. */
function takes(request: Request, refused: (entry: Entry) => string | undefined = () => undefined): Answer {
  const all = entriesOf(request);
  const Failed = all.flatMap((entry) => {
    const Code = refused(entry);
    return Code ? [{ Id: entry.Id, Code, SenderFault: false }] : [];
  });
  const Successful = all
    .filter((entry) => !refused(entry))
    .map(({ Id, MessageBody }) => ({ Id, MessageId: `m-${Id}`, MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex') }));
  return { status: 200, body: { Successful, Failed } };
}

const message = (i: number, scope = 'user:Zoë Müller'): Message => ({ kind: 'batches', scope, owner: { user: `user ${i}`, device: 'phone' } });
const numbered = (count: number) => Array.from({ length: count }, (_, i) => ({ id: `id ${i}`, message: message(i) }));

describe('SQS queue', () => {
  let fake: FakeAws | undefined;
  afterEach(() => fake?.stop());

  async function queueOn(answer: (request: Request, nth: number) => Answer) {
    fake = await startFakeAws(answer);
    const client = createSqsClient({
      endpoint: fake.endpoint, region: 'eu-central-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' }, maxAttempts: 1,
    });
    return createQueue({ client, queueUrl: `${fake.endpoint}/1/work.fifo`, ids: systemIds });
  }

  const errorOf = async (promise: Promise<unknown>): Promise<unknown> => promise.then(() => 'none', (error: unknown) => error);

  it('sends ten at a time, in order', async () => {
    const queue = await queueOn((request) => takes(request));
    await queue.send(numbered(23));
    expect(fake?.requests.map((request) => entriesOf(request).length)).toEqual([10, 10, 3]);
    const sent = fake?.requests.flatMap((request) => entriesOf(request).map((entry) => readBody(entry.MessageBody)));
    expect(sent).toEqual(numbered(23).map((entry) => entry.message));
  });

  it('groups by scope, and names groups and ids in short plain text', async () => {
    const queue = await queueOn((request) => takes(request));
    const scopes = ['user:Zoë Müller', 'user:Zoë Müller', `user:${'語'.repeat(128)}`];
    await queue.send(scopes.map((scope, i) => ({ id: `${'é'.repeat(500)} ${i}`, message: message(i, scope) })));
    const entries = fake?.requests.flatMap(entriesOf) ?? [];
    const groups = entries.map((entry) => entry.MessageGroupId);
    expect(groups[0]).toBe(groups[1]);
    expect(groups[2]).not.toBe(groups[0]);
    for (const name of [...groups, ...entries.map((entry) => entry.MessageDeduplicationId)]) expect(name).toMatch(/^[\w-]{1,128}$/);
    expect(new Set(entries.map((entry) => entry.MessageDeduplicationId)).size).toBe(3);
  });

  it('sends an entry that was not taken once more, alone', async () => {
    const queue = await queueOn((request, nth) => takes(request, ({ Id }) => (nth === 0 && Id === '1' ? 'InternalError' : undefined)));
    await queue.send(numbered(3));
    expect(fake?.requests.map((request) => entriesOf(request).map((entry) => entry.Id))).toEqual([['0', '1', '2'], ['1']]);
  });

  it('is in Trouble when an entry is never taken, and sends nothing behind it', async () => {
    const queue = await queueOn((request) => takes(request, ({ Id }) => (Id === '4' ? 'ServiceUnavailable' : undefined)));
    expect(await errorOf(queue.send(numbered(12)))).toBeInstanceOf(Trouble);
    expect(fake?.requests).toHaveLength(2);
  });

  it('says that a message which SQS can not take is a bug', async () => {
    const queue = await queueOn((request) => takes(request, () => 'InvalidMessageContents'));
    const error = await errorOf(queue.send(numbered(1)));
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(Trouble);
  });

  it.each(['RequestThrottled', 'QueueDoesNotExist', 'KmsThrottled', 'OverLimit'])('is in Trouble on %s', async (type) => {
    const queue = await queueOn(() => refusal(400, type));
    expect(await errorOf(queue.send(numbered(1)))).toBeInstanceOf(Trouble);
    expect(await errorOf(queue.delay('receipt', 5))).toBeInstanceOf(Trouble);
  });

  it.each(['MessageNotInflight', 'ReceiptHandleIsInvalid', 'InvalidParameterValue'])('has nothing to delay on %s', async (type) => {
    const queue = await queueOn(() => refusal(400, type));
    await expect(queue.delay('receipt', 5)).resolves.toBeUndefined();
  });

  it('delays by whole seconds, at most twelve hours', async () => {
    const queue = await queueOn(() => ({ status: 200, body: {} }));
    for (const seconds of [0, 1.2, -5, 1e9]) await queue.delay('receipt', seconds);
    expect(fake?.requests.map((request) => request.input['VisibilityTimeout'])).toEqual([0, 2, 0, 43_200]);
  });
});

describe('message bodies', () => {
  it('are ASCII, whatever they say', () => {
    const body = writeBody({ kind: 'batches', scope: 'user:Zoë 😀\u007f', owner: { user: 'Zoë 😀\u007f', device: 'd' } });
    expect(body).toMatch(/^[\x20-\x7e]*$/);
    expect(readBody(body)).toEqual({ kind: 'batches', scope: 'user:Zoë 😀\u007f', owner: { user: 'Zoë 😀\u007f', device: 'd' } });
  });

  it('of another kind are not read', () => {
    for (const body of ['{"kind":"other"}', 'null', '[]', '3', 'x']) expect(() => readBody(body)).toThrow();
  });
});
