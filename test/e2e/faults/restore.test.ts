import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { checkHoldings, checkScopes } from '../../../local/chaos/checks/holdings.ts';
import { act } from '../../../local/chaos/workload/acts.ts';
import { gather, type Crew } from '../../../local/chaos/workload/crew.ts';
import type { Inside } from '../../../local/chaos/workload/inside.ts';
import { begin, live } from '../../../local/chaos/workload/live.ts';
import { comeToRest } from '../../../local/chaos/workload/rest.ts';
import { EPOCH_STEP } from '../../../src/engine/cursor.ts';
import type { DownloadResponse } from '../../../src/protocol/download.ts';
import { folder, freePort, removeFolders, StartedStack } from './started-stack.ts';

const REST_MS = 120_000;
/** Devices of a crew that follow by `since`. */
const BY_TIMESTAMP = ['d1-s7', 'd2-s7'];

// docs/runbook.md, Restore from a backup: the tables as they were at one second, and the epoch raised by one.
describe('a restore from a backup', { timeout: 600_000 }, () => {
  let running: StartedStack | undefined;
  afterEach(() => running?.end('SIGKILL'));
  afterAll(removeFolders);

  it('is followed by every device, and no number means two things', async () => {
    const [dataDir, backup, port] = [folder(), join(folder(), 'dynamodb'), await freePort()];
    const tables = join(dataDir, 'dynamodb');
    running = await StartedStack.start(dataDir, port);
    const crew = gather(running, 's7', 7);
    await begin(crew);
    await live(crew, 2);
    await rest(crew, running);
    await running.end('SIGINT');
    cpSync(tables, backup, { recursive: true });

    // What happens now will never have happened.
    running = await StartedStack.start(dataDir, port);
    await live(crew, 3);
    await rest(crew, running);
    const lost = await numbers(crew, running);
    // Not sent yet, and of versions that will never have been: they stay with their phones.
    for (const member of crew.members) act(crew, member);
    await running.end('SIGINT');
    rmSync(tables, { recursive: true });
    cpSync(backup, tables, { recursive: true });

    running = await StartedStack.start(dataDir, port, { FIELDSYNC_EPOCH: '1' });
    const stack = running;
    const before = await numbers(crew, stack);
    for (const { phone } of crew.members) {
      const pages = await phone.pull();
      // Of a `sync_timestamp` that was given out after the backup the tables know nothing at all.
      const reason = new Set(resets(pages).map(([, why]) => why)).has('unknown') ? 'unknown' : 'restored';
      expect(resets(pages), phone.deviceId).toEqual(Object.keys(pages.at(-1)?.scopes ?? {}).map((scope) => [scope, reason]).sort());
      if (reason === 'unknown') expect(BY_TIMESTAMP).toContain(phone.deviceId);
    }
    expect(await checkHoldings(crew, stack)).toEqual([]);
    expect(crew.members.map(({ phone }) => phone.outbox.length)).toEqual([1, 1, 1, 1, 1]);

    // A device that stood at the old end goes on at the start of the new epoch, without a second reset.
    await live(crew, 3);
    await rest(crew, stack);
    for (const { phone } of crew.members) expect(resets(await phone.pull())).toEqual([]);
    expect(await checkHoldings(crew, stack)).toEqual([]);
    const inside = await stack.inside();
    expect(await checkScopes(crew, inside)).toEqual([]);

    const after = await numbers(crew, stack);
    const fresh = (kind: keyof Numbers) => [...after[kind]].filter((number) => !before[kind].has(number));
    for (const kind of ['commits', 'serverIds', 'orders'] as const) {
      expect(fresh(kind).length, kind).toBeGreaterThan(0);
      expect(fresh(kind).filter((number) => lost[kind].has(number)), kind).toEqual([]);
    }
    expect(fresh('commits').every((name) => Number(name.split(' ')[1]) >= EPOCH_STEP)).toBe(true);
    expect(crew.members.flatMap(({ server }) => server.refusals)).toEqual([]);
    inside.close();
  });
});

async function rest(crew: Crew, stack: StartedStack): Promise<void> {
  const inside = await stack.inside();
  expect((await comeToRest(crew, inside, () => stack.invoke('sweeper', {}), REST_MS)).left).toEqual([]);
  inside.close();
}

const resets = (pages: readonly DownloadResponse[]) => pages.flatMap(({ reset }) => reset.map(({ scope, reason }) => [scope, reason])).sort();

/** Every number that was given out: of commits by scope, of records, and of actions by device. */
type Numbers = Record<'commits' | 'serverIds' | 'orders', Set<string>>;

async function numbers(crew: Crew, stack: StartedStack): Promise<Numbers> {
  const inside: Inside = await stack.inside();
  const found: Numbers = { commits: new Set(), serverIds: new Set(), orders: new Set() };
  for (const scope of crew.scopes) {
    for (const { n, changes, outcomes } of await inside.commits(scope)) {
      found.commits.add(`${scope} ${n}`);
      for (const { row } of changes) found.serverIds.add(String(row.serverId));
      for (const { device, order } of outcomes) found.orders.add(`${device} ${order}`);
    }
  }
  inside.close();
  return found;
}
