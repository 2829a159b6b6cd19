import { describe, expect, it } from 'vitest';
import type { ScopeLog } from '../../src/service/ports/scope-log.ts';
import { citizen, createWorld } from '../support/world.ts';

const ALICE = citizen('alice');
const SCOPE = 'user:alice';

/** Alice makes these reports one after the other; the worker of the last one has this log. */
async function lastOf(titles: string[], logOf: (log: ScopeLog) => Partial<ScopeLog>, epoch = 0) {
  const world = createWorld();
  const phone = world.phone(ALICE, { deviceId: 'a' });
  for (const title of titles.slice(0, -1)) {
    phone.create('report', { title, category: 'roads' });
    await phone.push();
    await world.settle();
  }
  phone.create('report', { title: titles.at(-1) ?? '', category: 'roads' });
  await phone.push();
  const deps = { ...world.deps, epoch };
  await world.deliver({ deps: { ...deps, log: { ...deps.log, ...logOf(deps.log) } } });
  return { alarms: world.report.alarms(), head: await world.ports.log.head(SCOPE) };
}

describe('a worker whose strong reads run while others commit (P14)', () => {
  it('takes no hole for one that was put behind the back of its query', async () => {
    let torn = 0;
    const { alarms, head } = await lastOf(['one', 'two', 'three'], (log) => ({
      // As another worker left it, which committed 1 and 2 and is not done with their views.
      head: async (scope) => ({ ...(await log.head(scope)), applied: 0 }),
      async read(scope, after, upTo, options) {
        const read = await log.read(scope, after, upTo, options);
        return torn++ > 0 ? read : { ...read, commits: read.commits.slice(1) };
      },
    }));
    expect([torn > 0, alarms, head.applied]).toEqual([true, [], 3]);
  });

  it('takes no hole for an epoch that began after it had read the head', async () => {
    let heads = 0;
    const { alarms, head } = await lastOf(
      ['one', 'two'],
      (log) => ({
        async head(scope) {
          const head = await log.head(scope);
          if (heads++ > 0) return head;
          // Another worker opens the new epoch and commits in it.
          await log.startEpoch(scope, head, 1, 1_000_000);
          await log.put({ scope, n: 1_000_000, at: head.appliedAt, prevAt: head.appliedAt, changes: [], outcomes: [], conflicts: [] });
          return head;
        },
      }),
      1,
    );
    expect([heads > 1, alarms, head.applied]).toEqual([true, [], 1_000_001]);
  });
});
