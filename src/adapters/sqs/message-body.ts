import type { Message } from '../../service/ports/queue.ts';

/** A message as the body of a queue message: JSON in ASCII, for not every queue takes all of Unicode. */
export function writeBody(message: Message): string {
  return JSON.stringify(message).replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Reads a body that `writeBody` made. Throws on anything else: only our functions may send to the queue. */
export function readBody(body: string): Message {
  const message = JSON.parse(body) as Partial<Message> | null;
  if (message?.kind !== 'batches' && message?.kind !== 'note') throw new Error('a queue message of an unknown kind');
  return message as Message;
}
