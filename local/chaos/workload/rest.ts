import { setTimeout as sleep } from 'node:timers/promises';
import type { Crew } from './crew.ts';
import type { Inside } from './inside.ts';
import { heard, pull, push, surely } from './live.ts';

/** The sweeper, as its schedule starts it. */
export type Sweep = () => Promise<unknown>;

export type Rest = {
  /** From now until nothing waited any more, ms. */
  drainedMs: number;
  /** What still waited when patience ended; empty: nothing. */
  left: string[];
};

/**
 * All faults are over: phones send until all has its final word, and the stack drains by itself (P13). Only time is
 * helped along: what waits for the sweeper, because no message is left for it, becomes due at once. Then everyone
 * downloads.
 */
export async function comeToRest(crew: Crew, inside: Inside, sweep: Sweep, patienceMs: number): Promise<Rest> {
  const begun = performance.now();
  let left = await waits(crew, inside);
  let failure: string | undefined;
  for (; !left.isNothing && performance.now() - begun < patienceMs; left = await waits(crew, inside)) {
    await Promise.all(crew.members.map((member) => heard(push(member))));
    if (left.rows > 0 && left.messages === 0) {
      await inside.passTime(crew.tag);
      // It serves all who share the stack, and a fault among the others' rows may end its run: the next one comes.
      failure = await sweep().then(() => undefined, (error: unknown) => String(error));
    }
    await sleep(200);
  }
  const drainedMs = performance.now() - begun;
  await Promise.all(crew.members.map((member) => surely(() => pull(member))));
  if (!left.isNothing && failure !== undefined) left.words.push(`the last run of the sweeper failed: ${failure}`);
  return { drainedMs, left: left.words };
}

type Waiting = { rows: number; messages: number; isNothing: boolean; words: string[] };

async function waits({ members, tag }: Crew, inside: Inside): Promise<Waiting> {
  const { rows, messages } = await inside.waiting(tag);
  const words = members.filter(({ phone }) => phone.outbox.length > 0)
    .map(({ phone }) => `${phone.deviceId} waits for ${phone.outbox.map((action) => action.client_id).join()}`);
  if (rows > 0) words.push(`${rows} rows in the inbox`);
  if (messages > 0) words.push(`${messages} messages`);
  return { rows, messages, isNothing: words.length === 0, words };
}
