import { fault, type Http } from './http.ts';
import type { Results } from './wire.ts';

/** Ids that `GET /sync/actions` takes at once (protocol.md, limits). */
const MOST_LOOKED_UP = 100;

/** Asks what became of actions that were sent before, without sending them again. One answer for each hundred of them. */
export async function askOutcomes(http: Http, deviceId: string, clientIds: readonly string[]): Promise<Results[]> {
  const answers: Results[] = [];
  for (let from = 0; from < clientIds.length; from += MOST_LOOKED_UP) {
    const query = { device_id: deviceId, client_ids: clientIds.slice(from, from + MOST_LOOKED_UP).join(',') };
    const heard = await http.ask<Results>('GET', 'actions', { query });
    if ('refused' in heard) throw fault(heard.refused);
    answers.push(heard.answer);
  }
  return answers;
}
