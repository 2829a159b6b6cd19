import type { AudienceNote, Scope } from '../../engine/model.ts';
import type { Owner } from './inbox.ts';

/** Bodies of queue messages: they only point to work. ASCII once encoded. */
export type Message =
  | { kind: 'batches'; scope: Scope; owner: Owner }
  | { kind: 'note'; note: AudienceNote; parked?: string };

/** A queue in which messages of one group are received in order, one receiver at a time (SQS FIFO). At least once. */
export type Queue = {
  /**
   * Sends all, in order; the group is the scope. `id` deduplicates for five minutes and is never reused for other
   * content. Throws `Trouble` if any was not accepted.
   */
  send(messages: readonly { id: string; message: Message }[]): Promise<void>;
  /** Makes a received message visible again after that many seconds. */
  delay(receipt: string, seconds: number): Promise<void>;
};
