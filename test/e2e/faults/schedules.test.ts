import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alarms, metrics, startBrokenStack, type BrokenStack } from '../../../local/chaos/broken-stack.ts';
import { DELIVERIES, FAULTS } from '../../../local/chaos/fault-plan.ts';
import { runSchedules, type ScheduleReport } from '../../../local/chaos/run-schedule.ts';

// The long run is `npm run chaos -- --schedules 500`. What fails here fails there too: `--schedules 1 --seed <seed>`.

const SEEDS = Array.from({ length: 25 }, (_, i) => i + 1);
const LANES = 3;

describe('a stack that is broken on purpose', { timeout: 900_000 }, () => {
  let broken: BrokenStack;
  let reports: ScheduleReport[];
  beforeAll(async () => {
    broken = await startBrokenStack({ checkAccess: false });
    reports = await runSchedules(broken, SEEDS, LANES, () => {});
  }, 900_000);
  afterAll(() => broken?.stop());

  it('loses nothing, does nothing twice, and comes to rest by itself, in every schedule (P1, P2, P3, P4, P5, P6, P7, P9, P12, P13, P14)', async () => {
    const failed = reports.filter(({ findings }) => findings.length > 0).map(({ seed, findings }) => ({ seed, findings }));
    expect(failed).toEqual([]);
    expect(reports).toHaveLength(SEEDS.length);
    expect(await alarms(broken.stack)).toEqual([]);
  });

  it('met every kind of fault, and what faults lead to', async () => {
    const met = broken.chaos.faults.counts;
    expect([...Object.keys(FAULTS), ...Object.keys(DELIVERIES)].filter((kind) => !met.has(kind as keyof typeof FAULTS))).toEqual([]);
    const { lost, unanswered, errors } = broken.chaos.phones.counts;
    expect([lost, unanswered, errors].every((count) => count > 0)).toBe(true);

    const counted = await metrics(broken.stack);
    const events = ['commits_refused', 'worker_retries', 'dead_letters', 'stale_log_reads'];
    expect(events.filter((event) => !counted.get(event))).toEqual([]);
    const outcomes = reports.map((report) => report.outcomes);
    expect(['success', 'conflict', 'rejected'].filter((status) => !outcomes.some((of) => (of[status] ?? 0) > 0))).toEqual([]);
  });
});
