import { describe, expect, it } from 'vitest';
import type { Message, Queue } from '../../src/service/ports/queue.ts';

/** A queue with what its receiver does, which is no part of the port. */
export type QueueUnderTest = {
  queue: Queue;
  /** What can be received now. */
  receive(): Promise<{ receipt: string; message: Message }[]>;
  delete(receipt: string): Promise<void>;
};

function batches(user: string, scope = `user:${user}`): Message {
  return { kind: 'batches', scope, owner: { user, device: 'phone' } };
}

function note(n: number, scope = 'department:roads', records = [{ type: 'note', entityId: 'n-1' }]): Message {
  return { kind: 'note', note: { scope, home: 'user:alice', n, records } };
}

/** Receives and completes until nothing comes any more. */
async function drain(q: QueueUnderTest): Promise<Message[]> {
  const messages: Message[] = [];
  for (;;) {
    const received = await q.receive();
    if (received.length === 0) return messages;
    for (const { receipt, message } of received) {
      messages.push(message);
      await q.delete(receipt);
    }
  }
}

/** What any work queue must do: order per scope, one receiver at a time, at least once. */
export function queueContract(create: () => Promise<QueueUnderTest>): void {
  describe('work queue', () => {
    it('carries every kind of message, in any script', async () => {
      const q = await create();
      const messages: Message[] = [batches('Zoë 語 😀'), { ...note(7), parked: 'p\u007f1' } as Message, note(8, 'department:parks', [])];
      await q.queue.send(messages.map((message, i) => ({ id: `id ${i}`, message })));
      const received = await drain(q);
      expect(received).toHaveLength(3);
      for (const message of messages) expect(received).toContainEqual(message);
    });

    it('keeps the order of a scope, over any number of messages', async () => {
      const q = await create();
      const messages = Array.from({ length: 23 }, (_, i) => note(i));
      await q.queue.send(messages.map((message, i) => ({ id: `id ${i}`, message })));
      expect(await drain(q)).toEqual(messages);
    });

    it('takes more than one request holds', async () => {
      const q = await create();
      const records = Array.from({ length: 6000 }, (_, i) => ({ type: 'note', entityId: `entity-with-a-long-id-${i}-é` }));
      const messages = Array.from({ length: 5 }, (_, i) => note(i, 'department:roads', records));
      await q.queue.send(messages.map((message, i) => ({ id: `id ${i}`, message })));
      expect(await drain(q)).toEqual(messages);
    });

    it('gives nothing more of a scope while something of it is being worked on', async () => {
      const q = await create();
      await q.queue.send([{ id: '1', message: batches('alice') }]);
      const [first] = await q.receive();
      await q.queue.send([{ id: '2', message: batches('alice') }, { id: '3', message: batches('bob') }]);
      const meanwhile = await q.receive();
      expect(meanwhile.map(({ message }) => message)).toEqual([batches('bob')]);
      for (const { receipt } of [...(first ? [first] : []), ...meanwhile]) await q.delete(receipt);
      expect((await drain(q)).length).toBe(1);
    });

    it('drops a message sent again under the same id, and only that', async () => {
      const q = await create();
      await q.queue.send([{ id: 'same', message: batches('alice') }]);
      await q.queue.send([{ id: 'same', message: batches('alice') }, { id: 'other', message: batches('alice') }]);
      expect(await drain(q)).toHaveLength(2);
    });

    it('gives a message back at once when its delay is nought', async () => {
      const q = await create();
      await q.queue.send([{ id: '1', message: batches('alice') }]);
      const [first] = await q.receive();
      expect(await q.receive()).toEqual([]);
      await q.queue.delay(first?.receipt ?? '', 0);
      expect((await q.receive()).map(({ message }) => message)).toEqual([batches('alice')]);
    });

    it('is not troubled by the delay of a message that is done', async () => {
      const q = await create();
      await q.queue.send([{ id: '1', message: batches('alice') }]);
      const [first] = await q.receive();
      await q.delete(first?.receipt ?? '');
      await q.queue.delay(first?.receipt ?? '', 5);
      expect(await q.receive()).toEqual([]);
    });

    it('sends nothing when there is nothing to send', async () => {
      const q = await create();
      await q.queue.send([]);
      expect(await q.receive()).toEqual([]);
    });
  });
}
