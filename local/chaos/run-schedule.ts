import { checkAll } from './checks/check-all.ts';
import type { BrokenStack } from './broken-stack.ts';
import { scheduleOf, type Schedule } from './schedule.ts';
import { gather } from './workload/crew.ts';
import { begin, live } from './workload/live.ts';
import { comeToRest } from './workload/rest.ts';

/** What became of a schedule. Without findings all held. */
export type ScheduleReport = {
  seed: number;
  findings: string[];
  actions: number;
  /** Final words by status. */
  outcomes: Record<string, number>;
  /** From the end of the last fault until nothing waited any more, ms. */
  drainedMs: number;
};

/** A stack has this long to come to rest after the last fault (P13), ms. */
const REST_WITHIN_MS = 10_000;
/** A machine on which even the quiet beginning was slow has so many times as long as that took. */
const REST_PER_BEGINNING = 20;
/** A tenth of the delays that people get. */
const PACE = 0.1;

/** Lives through schedules in order, so many at the same time. A seed runs once on a stack: its users are its own. */
export async function runSchedules(
  broken: BrokenStack, seeds: readonly number[], lanes: number, tell: (report: ScheduleReport) => void,
): Promise<ScheduleReport[]> {
  const left = [...seeds];
  const reports: ScheduleReport[] = [];
  await Promise.all(Array.from({ length: lanes }, async () => {
    for (let seed = left.shift(); seed !== undefined; seed = left.shift()) {
      const report = await runSchedule(broken, scheduleOf(seed));
      reports.push(report);
      tell(report);
    }
  }));
  return reports;
}

/** Lives through a schedule, heals, and checks everything (design 6). */
async function runSchedule({ stack, chaos, inside }: BrokenStack, schedule: Schedule): Promise<ScheduleReport> {
  const crew = gather(stack, `s${schedule.seed}`, schedule.seed);
  const lane = crew.tag;
  const begunAt = performance.now();
  await begin(crew);
  const restWithinMs = Math.max(REST_WITHIN_MS, (performance.now() - begunAt) * REST_PER_BEGINNING);

  chaos.faults.plan(schedule.faults, lane);
  if (schedule.network) chaos.phones.set({ mode: schedule.network, seed: schedule.seed, pace: PACE }, lane);
  await live(crew, schedule.rounds);
  chaos.phones.set(undefined, lane);
  await chaos.faults.heal(lane);

  const { drainedMs, left } = await comeToRest(crew, inside, () => stack.invoke('sweeper', {}), restWithinMs);
  const { findings, evidence } = await checkAll(crew, stack, inside);
  const outcomes: Record<string, number> = {};
  for (const [placed] of evidence.outcomes.values()) {
    if (placed) outcomes[placed.outcome.status] = (outcomes[placed.outcome.status] ?? 0) + 1;
  }
  return {
    seed: schedule.seed,
    findings: [...left.map((what) => `P13: ${what} after ${Math.round(drainedMs)} ms`), ...findings],
    actions: crew.members.reduce((sum, { done }) => sum + done.length, 0),
    outcomes,
    drainedMs,
  };
}
