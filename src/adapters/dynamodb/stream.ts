import type { Scope } from '../../engine/model.ts';
import type { DeviceState } from '../../service/ports/device-store.ts';
import { deviceOf } from './device-store.ts';
import { LAST_ID } from './keys.ts';
import type { Item } from './table.ts';

/** What of a stream's record is read. An image is an item as the wire has it: `{ "S": "text" }`, `{ "N": "1" }`, …. */
export type StreamRecord = {
  eventName?: string | undefined;
  dynamodb?: { SequenceNumber?: string | undefined; Keys?: Image | undefined; OldImage?: Image | undefined; NewImage?: Image | undefined } | undefined;
};

type Image = Record<string, { S?: string | undefined; N?: string | undefined }>;

/** Digits of the longest sequence number. */
const ORDER_DIGITS = 40;

/** Grows within a shard, as text. */
export function orderOf(record: StreamRecord): string {
  return (record.dynamodb?.SequenceNumber ?? '').padStart(ORDER_DIGITS, '0');
}

/** Is this of the logs, and not of the devices? */
export function isOfLog({ dynamodb }: StreamRecord): boolean {
  return dynamodb?.Keys?.['scope'] !== undefined;
}

/** Which commit was put; nothing for a head, or for what expired. */
export function commitPut({ eventName, dynamodb }: StreamRecord): { scope: Scope; n: number } | undefined {
  if (eventName !== 'INSERT') return undefined;
  const { scope, n } = itemOf(dynamodb?.Keys ?? {});
  return n === 0 ? undefined : { scope: String(scope), n: Number(n) };
}

/** How a device's state changed; nothing for its remembered cursors, or when it was removed. */
export function deviceChanged({ eventName, dynamodb }: StreamRecord): { before?: DeviceState; after: DeviceState } | undefined {
  if (eventName === 'REMOVE' || !dynamodb?.NewImage) return undefined;
  if ((dynamodb.NewImage['device_id']?.S ?? '') > LAST_ID) return undefined;
  return { after: deviceOf(itemOf(dynamodb.NewImage)), ...(dynamodb.OldImage ? { before: deviceOf(itemOf(dynamodb.OldImage)) } : {}) };
}

/** Texts and numbers are all that keys and devices hold. */
function itemOf(image: Image): Item {
  const item: Item = {};
  for (const [name, { S, N }] of Object.entries(image)) {
    if (S === undefined && N === undefined) throw new Error('a stream’s record of an unknown form');
    item[name] = S ?? Number(N);
  }
  return item;
}
