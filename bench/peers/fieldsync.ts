import { setTimeout as sleep } from 'node:timers/promises';
import { Stage } from '../stage/stage.ts';
import type { Peer, PeerDevice } from './peer.ts';

/** A device that waits for others asks after this, and then less and less often. */
const POLL_MS = { first: 5, most: 80 };

/** Ourselves: the local stack with the bundles that are deployed, DynamoDB Local in memory. */
export async function startFieldsync(): Promise<Peer> {
  const stage = await Stage.start({ counted: false });
  return {
    name: 'Fieldsync',
    stop: () => stage.stop(),
    person: async () => {
      const person = await stage.citizen();
      return {
        device: async (): Promise<PeerDevice> => {
          const phone = stage.phone(person);
          await phone.pull();
          return {
            send: async (records) => {
              for (const record of records) phone.create('report', record);
              // Again what a crowded machine did not get done within one wait.
              while (phone.outbox.length > 0) await phone.push();
            },
            holds: async (count) => {
              for (let pause = POLL_MS.first; ; pause = Math.min(2 * pause, POLL_MS.most)) {
                await phone.pull();
                if (phone.holdings.all().length >= count) return;
                await sleep(pause);
              }
            },
            close: async () => undefined,
          };
        },
      };
    },
  };
}
