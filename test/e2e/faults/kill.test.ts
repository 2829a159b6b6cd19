import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { checkAll } from '../../../local/chaos/checks/check-all.ts';
import { gather } from '../../../local/chaos/workload/crew.ts';
import { begin, live } from '../../../local/chaos/workload/live.ts';
import { comeToRest } from '../../../local/chaos/workload/rest.ts';
import { freePort } from '../../support/ports.ts';
import { folder, removeFolders, StartedStack } from './started-stack.ts';

const REST_MS = 120_000;

describe('kill -9 of the whole stack under load', { timeout: 600_000 }, () => {
  let running: StartedStack | undefined;
  afterEach(() => running?.end('SIGKILL'));
  afterAll(removeFolders);

  it('loses nothing and does nothing twice, and the inbox drains after restarts (P1, P2, P13)', async () => {
    const [dataDir, port] = [folder(), await freePort()];
    running = await StartedStack.start(dataDir, port);
    // Tokens, phones and what they were told outlive the stack: the restarted one has the same address.
    const crew = gather(running, 's1', 1, { waitSeconds: 1, patienceMs: 5_000 });
    await begin(crew);
    const heard = () => crew.members.reduce((sum, { answers }) => sum + answers.length, 0);

    for (const answers of [4, 7]) {
      const before = heard();
      const load = live(crew, 8);
      // By work, not by time: on a slow machine too it is killed in the middle.
      while (heard() < before + answers) await new Promise((resolve) => setTimeout(resolve, 5));
      await running.end('SIGKILL');
      running = await StartedStack.start(dataDir, port);
      await load;
    }

    const stack = running;
    const inside = await stack.inside();
    const { left } = await comeToRest(crew, inside, () => stack.invoke('sweeper', {}), REST_MS);
    expect(left).toEqual([]);
    const { findings, evidence } = await checkAll(crew, stack, inside);
    inside.close();
    expect(findings).toEqual([]);
    expect(evidence.outcomes.size).toBeGreaterThanOrEqual(crew.members.reduce((sum, { done }) => sum + done.length, 0));
    expect(crew.members.some(({ server }) => (server.statuses.get(0) ?? 0) > 0)).toBe(true);
  });
});
