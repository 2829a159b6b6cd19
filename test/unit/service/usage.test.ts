import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMemoryUsageStore } from '../../../src/adapters/memory/usage-store.ts';
import { ADMIN_ROWS } from '../../../src/protocol/admin-rows.ts';
import { adminQuery } from '../../../src/service/admin-query.ts';
import type { DeviceState } from '../../../src/service/ports/device-store.ts';
import type { ScopeLog } from '../../../src/service/ports/scope-log.ts';
import { countChanges, type TableChange } from '../../../src/service/usage/count-changes.ts';
import { addTime, averageOf, percentileOf, type Counts } from '../../../src/service/usage/counts.ts';
import { commit, outcome, T0 } from '../../support/builders.ts';
import { createWorld } from '../../support/world.ts';
import { ADMIN, HOUR, MINUTE, START_MS } from './rows.ts';

const DAY = 24 * HOUR;
const orderOf = (i: number) => String(i).padStart(8, '0');

function device(overrides: Partial<DeviceState> = {}): DeviceState {
  return { user: 'alice', device: 'phone', lastUpload: 0, lastDownload: 0, syncVersion: 0, uploads: 0, info: {}, presented: 0, intake: { span: 0, actions: 0 }, bytesIn: 0, bytesOut: 0, ...overrides };
}

/** Puts a commit, and gives its record in the stream. */
async function inCommit(log: ScopeLog, i: number, at: number, ...outcomes: Parameters<typeof outcome>[0][]): Promise<TableChange> {
  const { scope, n } = commit({ n: i, at, outcomes: outcomes.map(outcome) });
  await log.put(commit({ n: i, at, outcomes: outcomes.map(outcome) }));
  return { order: orderOf(i), kind: 'commit', scope, n };
}

describe('usage', () => {
  test('says for each day what came of actions, how long that took and how old they were', async () => {
    const world = createWorld();
    const at = START_MS;
    await countChanges(world.deps, 'shard', [
      await inCommit(world.ports.log, 1, at, { acceptedAt: at - 100, time: at - HOUR }, { acceptedAt: at - 300, time: at - 300, status: 'conflict', conflictId: 'c' }),
      await inCommit(world.ports.log, 2, at + MINUTE, { status: 'rejected', acceptedAt: at + MINUTE, retries: 2 }, { conflictId: 'd', acceptedAt: at + MINUTE, time: at }),
      // A decision on a conflict is no action of a phone.
      await inCommit(world.ports.log, 3, at + MINUTE, { device: '~resolve' }),
      await inCommit(world.ports.log, 4, at + DAY, { acceptedAt: at + DAY }),
    ]);
    await world.clock.advance(DAY);
    const { rows, summary, next_cursor } = await adminQuery(world.deps, ADMIN, { query: 'usage', params: { since: new Date(at).toISOString() } });
    expect(next_cursor).toBeNull();
    for (const row of rows) expect(ADMIN_ROWS.usage.safeParse(row).error).toBeUndefined();
    expect(rows).toMatchObject([
      {
        day: '2030-01-01', actions: 4, success: 2, conflict: 1, rejected: 1, retried: 1, success_rate: 0.5, conflict_rate: 0.5,
        duration_ms_avg: 100, duration_ms_p50: 0,
      },
      { day: '2030-01-02', actions: 1, success: 1, success_rate: 1, conflict_rate: 0 },
    ]);
    expect(rows[0]?.['duration_ms_p95']).toBeGreaterThanOrEqual(300);
    expect(rows[0]?.['duration_ms_p95']).toBeLessThan(430);
    expect(summary).toMatchObject({ from: '2030-01-01', to: '2030-01-02', actions: 5, success_rate: 0.6 });
  });

  test('says how many devices came, what they moved, and how long they were away', async () => {
    const world = createWorld();
    const at = START_MS + HOUR;
    const first = device({ lastUpload: at, uploads: 1, syncVersion: 1, bytesIn: 500 });
    const back = { ...first, lastDownload: at + 3 * HOUR, syncVersion: 2, bytesOut: 9000 };
    const poll = { ...back, lastDownload: at + 3 * HOUR + MINUTE };
    await countChanges(world.deps, 'shard', [
      { order: orderOf(1), kind: 'device', after: first },
      { order: orderOf(2), kind: 'device', before: first, after: back },
      { order: orderOf(3), kind: 'device', before: back, after: poll },
      { order: orderOf(4), kind: 'device', before: poll, after: { ...poll, lastUpload: at + DAY, uploads: 2, syncVersion: 3, bytesIn: 700 } },
    ]);
    await world.clock.advance(DAY + HOUR);
    const { rows } = await adminQuery(world.deps, ADMIN, { query: 'usage', params: { since: new Date(at).toISOString() } });
    expect(rows).toMatchObject([
      { day: '2030-01-01', actions: 0, success_rate: null, duration_ms_avg: null, devices: 1, uploads: 1, downloads: 1, bytes_in: 500, bytes_out: 9000, offline_spans: 1, offline_span_ms_avg: 3 * HOUR },
      { day: '2030-01-02', devices: 1, uploads: 1, downloads: 0, bytes_in: 200, bytes_out: 0, offline_spans: 1 },
    ]);
  });

  test('gives the last 30 days, page by page, and refuses more than a table can show', async () => {
    const world = createWorld();
    const seen: unknown[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page: Awaited<ReturnType<typeof adminQuery>> = await adminQuery(world.deps, ADMIN, { query: 'usage', limit: 7, cursor });
      expect(page.rows.length).toBeLessThanOrEqual(7);
      seen.push(...page.rows.map(({ day }) => day));
      cursor = page.next_cursor;
    }
    expect(seen).toHaveLength(30);
    expect([seen[0], seen.at(-1)]).toEqual(['2029-12-03', '2030-01-01']);
    const none = await adminQuery(world.deps, ADMIN, { query: 'usage', params: { since: '2030-01-03T00:00:00Z', until: '2030-01-03T00:00:00Z' } });
    expect(none.rows).toEqual([]);
    await expect(adminQuery(world.deps, ADMIN, { query: 'usage', params: { since: '2000-01-01T00:00:00Z' } })).rejects.toMatchObject({ code: 'validation_failed' });
  });

  test('counts every change once, whatever is delivered again, cut short or at the same time', async () => {
    const world = createWorld();
    const changes: TableChange[] = [];
    for (let i = 0; i < 40; i++) changes.push(await inCommit(world.ports.log, i + 1, T0 + i * 2 * HOUR, { acceptedAt: T0 }, {}));
    const steps = fc.array(fc.record({ from: fc.nat(30), length: fc.integer({ min: 1, max: 12 }), dies: fc.boolean(), twice: fc.boolean() }), { maxLength: 15 });
    await fc.assert(
      fc.asyncProperty(steps, async (deliveries) => {
        const usage = createMemoryUsageStore();
        const { log } = world.ports;
        let done = 0;
        const deliver = async (from: number, to: number, dies: boolean) => {
          let writes = 0;
          // Dies after its first write: of several days, only one was added to.
          const store = dies ? { ...usage, add: async (...args: Parameters<typeof usage.add>) => (writes++ > 0 ? Promise.reject(new Error('died')) : usage.add(...args)) } : usage;
          try {
            await countChanges({ usage: store, log, report: world.report }, 'shard', changes.slice(from, to));
            done = Math.max(done, to);
          } catch {
            // It comes again.
          }
        };
        for (const { from, length, dies, twice } of deliveries) {
          // In order the first time; afterwards from anywhere before.
          const start = Math.min(from, done);
          const end = Math.min(start + length, changes.length);
          await Promise.all([deliver(start, end, dies), ...(twice ? [deliver(start, end, false)] : [])]);
        }
        await deliver(done, changes.length, false);
        const days = await Promise.all(['2026-01-01', '2026-01-02', '2026-01-03', '2026-01-04'].map((day) => usage.day(day)));
        expect(days.map((counts) => counts['actions'])).toEqual([24, 24, 24, 8]);
      }),
      { numRuns: 200 },
    );
  });
});

test('a percentile from classes is never under the truth, and at most 42 % over it', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(10_000_000), { minLength: 1, maxLength: 60 }), fc.constantFrom(0.5, 0.95), (times, share) => {
      const counts: Counts = {};
      for (const time of times) addTime(counts, 'wait', time);
      const sorted = times.toSorted((a, b) => a - b);
      const truth = sorted[Math.ceil(share * times.length) - 1] ?? 0;
      const told = percentileOf(counts, 'wait', share) ?? -1;
      expect(told).toBeGreaterThanOrEqual(truth);
      expect(told).toBeLessThanOrEqual(Math.ceil(truth * 1.42) + 1);
      expect(averageOf(counts, 'wait')).toBe(Math.round(times.reduce((sum, time) => sum + time, 0) / times.length));
    }),
  );
});
