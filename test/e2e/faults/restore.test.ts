import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { checkCounters } from '../../../local/chaos/checks/counters.ts';
import { gatherEvidence } from '../../../local/chaos/checks/evidence.ts';
import { checkHoldings } from '../../../local/chaos/checks/holdings.ts';
import { checkLostValues } from '../../../local/chaos/checks/lost-values.ts';
import { checkAnswers, checkOrder, checkOutcomes } from '../../../local/chaos/checks/outcomes.ts';
import { act } from '../../../local/chaos/workload/acts.ts';
import { gather, type Crew } from '../../../local/chaos/workload/crew.ts';
import type { Inside } from '../../../local/chaos/workload/inside.ts';
import { begin, live } from '../../../local/chaos/workload/live.ts';
import { comeToRest } from '../../../local/chaos/workload/rest.ts';
import { EPOCH_STEP } from '../../../src/engine/cursor.ts';
import { findingsIn, killInTheMiddle, look, numbersIn, resetsFromNow, type Numbers } from './restored.ts';
import { freePort } from '../../support/ports.ts';
import { folder, removeFolders, StartedStack } from './started-stack.ts';

const REST_MS = 120_000;
/** Devices of a crew that follow by `since`. */
const BY_TIMESTAMP = ['d1-s7', 'd2-s7'];

// docs/runbook.md, Restore from a backup: the tables as they were at one second, and the epoch raised by one.
describe('a restore from a backup of tables that were being written', { timeout: 600_000 }, () => {
  let running: StartedStack | undefined;
  afterEach(() => running?.end('SIGKILL'));
  afterAll(removeFolders);

  it('is followed by every device, all that they held is done once, and no number means two things (P1, P2, P5, P6, P13, P14)', async () => {
    const [dataDir, backup, port] = [folder(), join(folder(), 'dynamodb'), await freePort()];
    const tables = join(dataDir, 'dynamodb');
    running = await StartedStack.start(dataDir, port);
    const places = await running.places();
    const crew = gather(running, 's7', 7);
    await begin(crew);
    await killInTheMiddle(crew, running);
    const held = await look(crew, tables, places);
    expect(held.waiting.length).toBeGreaterThan(0);
    expect(held.findings.join('\n')).toContain('behind: not_redone');
    expect(held.findings.filter((finding) => !finding.startsWith('behind'))).toEqual([]);
    cpSync(tables, backup, { recursive: true });
    const heard = crew.members.map(({ answers }) => answers.length);

    // What happens now will never have happened.
    running = await StartedStack.start(dataDir, port);
    await live(crew, 2);
    await rest(crew, running);
    const lost = await within(running, (inside) => numbersIn(crew, inside));
    // Not sent yet, and of versions that will never have been: they stay with their phones.
    for (const member of crew.members) act(crew, member);
    await running.end('SIGINT');
    rmSync(tables, { recursive: true });
    cpSync(backup, tables, { recursive: true });
    const before = crew.members.map(({ done, answers, phone }) => ({ done: done.length, answers: answers.length, unsent: phone.outbox.map(({ client_id }) => client_id) }));

    running = await StartedStack.start(dataDir, port, { FIELDSYNC_EPOCH: '1' });
    const stack = running;
    const resets = resetsFromNow(crew);
    // At once: workers are still busy with what was left, and not every scope has begun its new epoch.
    for (const { phone } of crew.members) await phone.pull();
    expect(crew.members.map(({ phone }) => phone.outbox.map(({ client_id }) => client_id))).toEqual(before.map(({ unsent }) => unsent));
    await live(crew, 3);
    await rest(crew, stack);
    for (const { phone } of crew.members) {
      const scopes = Object.keys((await phone.pull()).at(-1)?.scopes ?? {});
      const told = [...(resets.get(phone.deviceId) ?? [])].sort();
      // Of a `sync_timestamp` that was given out after the backup the tables know nothing at all.
      const reason = told.some((reset) => reset.endsWith(' unknown')) ? 'unknown' : 'restored';
      expect(told, phone.deviceId).toEqual(scopes.map((scope) => `${scope} ${reason}`).sort());
      if (reason === 'unknown') expect(BY_TIMESTAMP).toContain(phone.deviceId);
    }
    expect(await checkHoldings(crew, stack)).toEqual([]);

    await within(stack, async (inside) => {
      expect(await findingsIn(inside)).toEqual([]);
      const evidence = await gatherEvidence(crew, inside);
      for (const [clientId, places] of held.outcomes) expect(evidence.outcomes.get(clientId), clientId).toEqual(places);
      // What was answered after the backup is gone from the tables and from the phones: the price of a restore.
      const stays = new Set([...held.outcomes.keys(), ...held.waiting, ...before.flatMap(({ unsent }) => unsent)]);
      const members = crew.members.map((member, i) => ({
        ...member,
        done: member.done.filter(({ action }, at) => at >= (before[i]?.done ?? 0) || stays.has(action.client_id)),
        answers: member.answers.filter((_, at) => at >= (before[i]?.answers ?? 0) || at < (heard[i] ?? 0)),
      }));
      expect(checkOutcomes({ ...evidence, members })).toEqual([]);
      expect([...evidence.outcomes].filter(([, places]) => places.length > 1)).toEqual([]);
      for (const check of [checkOrder, checkCounters, checkLostValues, checkAnswers]) expect(check(evidence)).toEqual([]);
      expectOneMeaning(held.numbers, lost, await numbersIn(crew, inside));
    });
  });
});

/** Numbers that both futures gave out stand for the same in both: the tables held that already, or its batch. */
function expectOneMeaning(held: Numbers, lost: Numbers, now: Numbers): void {
  for (const kind of ['commits', 'serverIds', 'orders'] as const) {
    const fresh = [...now[kind].keys()].filter((number) => !held[kind].has(number));
    expect(fresh.length, kind).toBeGreaterThan(0);
    const inBoth = [...now[kind]].filter(([number]) => lost[kind].has(number));
    expect(inBoth, kind).toEqual(inBoth.map(([number]) => [number, lost[kind].get(number)]));
    if (kind === 'commits') expect(fresh.every((name) => Number(name.split(' ')[1]) >= EPOCH_STEP)).toBe(true);
  }
}

async function rest(crew: Crew, stack: StartedStack): Promise<void> {
  const left = await within(stack, (inside) => comeToRest(crew, inside, () => stack.invoke('sweeper', {}), REST_MS));
  expect(left.left).toEqual([]);
}

async function within<T>(stack: StartedStack, run: (inside: Inside) => Promise<T>): Promise<T> {
  const inside = await stack.inside();
  try {
    return await run(inside);
  } finally {
    inside.close();
  }
}
