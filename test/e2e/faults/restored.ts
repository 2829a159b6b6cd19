import { setTimeout as sleep } from 'node:timers/promises';
import { gatherEvidence, type Placed } from '../../../local/chaos/checks/evidence.ts';
import type { Crew } from '../../../local/chaos/workload/crew.ts';
import { Inside } from '../../../local/chaos/workload/inside.ts';
import { live } from '../../../local/chaos/workload/live.ts';
import { startDynamoDbLocal } from '../../../local/dynamodb/dynamodb-local.ts';
import type { StackPlaces } from '../../../local/gateway/local-routes.ts';
import { verifyAll } from '../../../src/service/verify.ts';
import type { StartedStack } from './started-stack.ts';

/**
 * Kills a stack while its phones work, at a moment at which batches wait and a commit stands without its views, or at
 * least without `applied`. By looking, not by time: it stands still when it looks like that, and is looked at again.
 */
export async function killInTheMiddle(crew: Crew, stack: StartedStack): Promise<void> {
  const inside = await stack.inside();
  let goesOn = true;
  const load = (async () => { while (goesOn) await live(crew, 1); })();
  for (let isMiddle = false; !isMiddle; ) {
    while (!(await isHalfDone(crew, inside))) await sleep(2);
    stack.freeze(true);
    // What had been sent to the database comes to its end first.
    await sleep(100);
    isMiddle = await isHalfDone(crew, inside);
    if (!isMiddle) stack.freeze(false);
  }
  goesOn = false;
  await stack.end('SIGKILL');
  inside.close();
  await load;
}

async function isHalfDone(crew: Crew, inside: Inside): Promise<boolean> {
  const { rows } = await inside.ports.inbox.due(Number.MAX_SAFE_INTEGER, 1);
  if (rows.length === 0) return false;
  const tails = await Promise.all(crew.scopes.map(async (scope) => {
    const { applied } = await inside.ports.log.head(scope);
    return (await inside.ports.log.read(scope, applied, Number.MAX_SAFE_INTEGER, { strong: true, limit: 1 })).commits;
  }));
  return tails.flat().length > 0;
}

/** What tables hold. */
export type Held = {
  /** Actions that have an outcome in a log, by client id. */
  outcomes: ReadonlyMap<string, readonly Placed[]>;
  /** Actions that were accepted and wait, by client id. */
  waiting: readonly string[];
  /** What a verification of all scopes finds. */
  findings: readonly string[];
  numbers: Numbers;
};

/** Looks into the tables of a stack that has ended, when its database has let go of them. */
export async function look(crew: Crew, folder: string, places: StackPlaces): Promise<Held> {
  const database = await startDynamoDbLocal(folder);
  const inside = new Inside({ ...places, dynamoEndpoint: database.endpoint });
  const { rows } = await inside.ports.inbox.due(Number.MAX_SAFE_INTEGER, 1000);
  const held: Held = {
    outcomes: (await gatherEvidence(crew, inside)).outcomes,
    waiting: rows.flatMap((row) => ('note' in row ? [] : row.actions.map(({ clientId }) => clientId))),
    findings: await findingsIn(inside),
    numbers: await numbersIn(crew, inside),
  };
  inside.close();
  await database.stop();
  return held;
}

/** Of every scope that there is. */
export async function findingsIn(inside: Inside): Promise<string[]> {
  const all: string[] = [];
  for await (const { scope, findings } of verifyAll(inside.ports)) all.push(...findings.map(({ weight, kind, at }) => `${weight}: ${kind} at ${at} in ${scope}`));
  return all;
}

/** Every number that was given out, and what it means: of commits by scope, of records, and of actions by device. */
export type Numbers = Record<'commits' | 'serverIds' | 'orders', Map<string, string>>;

export async function numbersIn(crew: Crew, inside: Inside): Promise<Numbers> {
  const found: Numbers = { commits: new Map(), serverIds: new Map(), orders: new Map() };
  for (const scope of crew.scopes) {
    for (const commit of await inside.commits(scope)) {
      found.commits.set(`${scope} ${commit.n}`, JSON.stringify(commit));
      for (const { row } of commit.changes) found.serverIds.set(String(row.serverId), `${row.home} ${row.type} ${row.entityId}`);
      for (const { user, device, order, clientId } of commit.outcomes) found.orders.set(`${user} ${device} ${order}`, clientId);
    }
  }
  return found;
}

/** `scope reason` of every reset that a device is told from now on, by device. */
export function resetsFromNow(crew: Crew): ReadonlyMap<string, string[]> {
  return new Map(crew.members.map(({ phone, server }) => {
    const told: string[] = [];
    const ask = server.download.bind(server);
    server.download = async (query) => {
      const page = await ask(query);
      told.push(...page.reset.map(({ scope, reason }) => `${scope} ${reason}`));
      return page;
    };
    return [phone.deviceId, told];
  }));
}
