import { setTimeout as sleep } from 'node:timers/promises';
import type { UploadResponse } from '../../../src/protocol/upload.ts';
import { act, create } from './acts.ts';
import type { Crew, Member } from './crew.ts';
import { NoAnswer } from './remote-server.ts';

const MOST_TRIES = 10;

/** A quiet morning: everyone makes a record and sees those of the others, so that there is something to meet over. */
export async function begin(crew: Crew): Promise<void> {
  for (const member of crew.members) create(crew, member);
  await Promise.all(crew.members.map((member) => heard(push(member))));
  await Promise.all(crew.members.map((member) => heard(pull(member))));
}

/** Everyone acts, sends, downloads and decides at the same time, so many rounds each. */
export async function live(crew: Crew, rounds: number): Promise<void> {
  await Promise.all(crew.members.map((member) => liveAlone(crew, member, rounds)));
}

async function liveAlone(crew: Crew, member: Member, rounds: number): Promise<void> {
  const { dice } = member;
  for (let round = 0; round < rounds; round++) {
    for (let acts = dice.int(round === 0 ? 1 : 0, 3); acts > 0; acts--) act(crew, member);
    const told = dice.hits(0.75) ? await heard(push(member)) : undefined;
    if (dice.hits(0.6) && (await heard(pull(member))) && told) expectOwnWrites(member, told);
    if (dice.hits(0.25)) await heard(decide(member));
    await sleep(dice.int(0, 60));
  }
}

/** Sends what waits. The phone keeps what it heard of it. */
export async function push(member: Member): Promise<UploadResponse | undefined> {
  const answer = await member.phone.push();
  if (answer) member.answers.push(answer);
  return answer;
}

/** Downloads to the end. */
export async function pull(member: Member): Promise<true> {
  const pages = await member.phone.pull();
  member.reached = pages.at(-1)?.scopes ?? {};
  return true;
}

/** A user settles the first open question, one way or another. */
async function decide({ server, dice }: Member): Promise<void> {
  const [conflict] = (await server.conflicts()).conflicts;
  if (conflict) await server.resolve(conflict.id, dice.pick(['client_wins', 'server_wins', 'merge']));
}

/** Asks until there is an answer: at rest, nothing but a crash in another lane can take one along. */
export async function surely<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof NoAnswer) || tries === MOST_TRIES) throw error;
    }
  }
}

/** Nothing where no answer came: a phone lives with that. */
export async function heard<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof NoAnswer) return undefined;
    throw error;
  }
}

/** Once an outcome was answered as final, the next download of its home contains it (P7). */
function expectOwnWrites({ phone, complaints, reached: scopes }: Member, told: UploadResponse): void {
  for (const { client_id, status, home, version } of told.results) {
    const final = status === 'success' || status === 'conflict';
    const reached = home === undefined ? undefined : scopes[home];
    if (!final || version === undefined || reached === undefined) continue;
    if (reached < version) complaints.push(`P7: ${phone.deviceId} was told that ${client_id} made ${home} ${version}, and then saw only ${reached}`);
  }
}
