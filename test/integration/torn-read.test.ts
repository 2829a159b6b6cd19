import { describe, expect, it } from 'vitest';
import { citizen, createWorld } from '../support/world.ts';

const ALICE = citizen('alice');
const SCOPE = 'user:alice';

describe('a strong read of the tail while others commit (P14)', () => {
  it('may show a commit without the one before, which was put while it ran: that is no hole', async () => {
    let torn = 0;
    const world = createWorld({
      wrap: ({ log }) => ({
        log: {
          ...log,
          async read(scope, after, upTo, options) {
            const read = await log.read(scope, after, upTo, options);
            // A query walks in key order: what is put behind its back while it walks is missing, what is put ahead is not.
            if (torn > 0 || !options.strong || read.commits.length < 2) return read;
            torn++;
            return { ...read, commits: read.commits.slice(1) };
          },
        },
      }),
    });
    const phone = world.phone(ALICE, { deviceId: 'a' });
    for (const title of ['one', 'two']) {
      phone.create('report', { title, category: 'roads' });
      await phone.push();
      await world.settle();
    }
    // The head as another worker left it, which committed 1 and 2 and is not done with their views.
    const log = { ...world.deps.log, head: async () => ({ ...(await world.deps.log.head(SCOPE)), applied: 0 }) };
    phone.create('report', { title: 'three', category: 'roads' });
    await phone.push();
    await world.deliver({ deps: { ...world.deps, log } });
    expect([torn, world.report.alarms()]).toEqual([1, []]);
    expect((await world.ports.log.head(SCOPE)).applied).toBe(3);
  });
});
