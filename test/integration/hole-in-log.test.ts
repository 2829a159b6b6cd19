import { describe, expect, it } from 'vitest';
import { HoleInLog } from '../../src/service/errors.ts';
import { TIMES } from '../../src/protocol/limits.ts';
import { outcomeCounts, allOutcomes } from '../support/observe.ts';
import { citizen, createWorld } from '../support/world.ts';

const ALICE = citizen('alice');
const SCOPE = 'user:alice';

/** Alice's log with commits 1, 2, 3, of which any can be taken away and put back; a phone that has seen only the first. */
async function threeCommits() {
  const lost = new Set<number>();
  const world = createWorld({
    wrap: ({ log }) => ({
      log: {
        ...log,
        async read(...range) {
          const { commits, end } = await log.read(...range);
          return { commits: commits.filter(({ scope, n }) => scope !== SCOPE || !lost.has(n)), end };
        },
      },
    }),
  });
  const [writer, reader] = [world.phone(ALICE, { deviceId: 'writer' }), world.phone(ALICE, { deviceId: 'reader' })];
  const commit = async (title: string) => {
    writer.create('report', { title, category: 'roads' });
    await writer.push();
    await world.settle();
  };
  await commit('one');
  await reader.pull();
  await commit('two');
  await commit('three');
  return { world, writer, reader, lost };
}

describe('a log with a hole (P14)', () => {
  it('stops a download before it, with an error and not an empty page, until the commit is back', async () => {
    const { reader, lost } = await threeCommits();
    for (const n of [2, 3]) {
      lost.clear();
      lost.add(n);
      const before = reader.cursor;
      await expect(reader.pull()).rejects.toThrow(HoleInLog);
      expect([reader.cursor, reader.holdings.all().length]).toEqual([before, 1]);
    }
    lost.clear();
    await reader.pull();
    expect(reader.holdings.all().map(({ title }) => title)).toHaveLength(3);
  });

  it('becomes a reset instead once the missing commits are old enough to have expired', async () => {
    const { world, reader, lost } = await threeCommits();
    lost.add(2).add(3);
    await world.clock.advance(TIMES.retentionMs + 1);
    const [page] = await reader.pull();
    expect(page?.reset).toEqual([{ scope: SCOPE, reason: 'expired' }]);
    expect(reader.holdings.all()).toHaveLength(3);
  });

  it('stops a worker, which alarms and writes nothing, and costs nothing once the commit is back', async () => {
    const { world, writer, lost } = await threeCommits();
    const head = await world.ports.log.head(SCOPE);
    // The head as it was before the views of 2 and 3 were written: both are the worker's to redo.
    const log = { ...world.deps.log, head: async () => ({ ...head, applied: 1 }) };
    lost.add(2);
    const { client_id } = writer.create('report', { title: 'four', category: 'roads' });
    await writer.push();
    await world.deliver({ deps: { ...world.deps, log } });
    expect(world.report.alarms()).toEqual(['hole_in_log']);
    expect(await world.results(ALICE, 'writer', [client_id])).toMatchObject([{ status: 'queued' }]);

    lost.clear();
    await world.heal();
    expect(await world.results(ALICE, 'writer', [client_id])).toMatchObject([{ status: 'success', version: 4 }]);
    expect([...outcomeCounts(await allOutcomes(world)).values()]).toEqual([1, 1, 1, 1]);
  });
});
