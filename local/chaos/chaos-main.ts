import { parseArgs } from 'node:util';
import { StartProblem } from '../start-problem.ts';
import { alarms, metrics, startBrokenStack, type BrokenStack } from './broken-stack.ts';
import { runSchedules, type ScheduleReport } from './run-schedule.ts';

const HELP = `Breaks a local stack on purpose, schedule after schedule, and checks that nothing is lost, done twice or stuck.

  npm run chaos                                  25 schedules
  npm run chaos -- --schedules 500               the long run
  npm run chaos -- --schedules 1 --seed 4711     one of them again
  npm run chaos -- --lanes 1                     so many at the same time (default 3)
`;

/** `npm run chaos`. */
export async function chaosMain(args: string[]): Promise<void> {
  const { help, schedules, seed, lanes } = flags(args);
  if (help === true) {
    process.stdout.write(HELP);
    return;
  }
  const count = whole('--schedules', schedules ?? '25');
  const first = whole('--seed', seed ?? '1');
  const begunAt = performance.now();
  const broken = await startBrokenStack({ checkAccess: true });
  try {
    const seeds = Array.from({ length: count }, (_, i) => first + i);
    let number = 0;
    const reports = await runSchedules(broken, seeds, whole('--lanes', lanes ?? '3'), (report) => tell(report, ++number, count));
    const failed = reports.filter(({ findings }) => findings.length > 0).map(({ seed: of }) => of);
    await summary(broken, reports, (performance.now() - begunAt) / 1000);
    const raised = await alarms(broken.stack);
    for (const line of raised.slice(0, 10)) console.log(`ALARM ${line}`);
    if (failed.length > 0) console.log(`\nFAILED: seeds ${failed.join(', ')}. Again: npm run chaos -- --schedules 1 --seed ${failed[0]}`);
    process.exitCode = failed.length > 0 || raised.length > 0 || broken.stack.refusals.length > 0 ? 1 : 0;
  } finally {
    await broken.stop();
  }
}

function tell({ seed, findings, actions, outcomes, drainedMs }: ScheduleReport, number: number, count: number): void {
  const words = Object.entries(outcomes).map(([status, times]) => `${times} ${status}`).join(', ');
  console.log(`${number}/${count} seed ${seed}: ${actions} actions (${words}), at rest after ${(drainedMs / 1000).toFixed(1)} s`
    + (findings.length === 0 ? '' : ` -- ${findings.length} FINDINGS`));
  for (const finding of findings) console.log(`    ${finding}`);
}

async function summary({ stack, chaos }: BrokenStack, reports: readonly ScheduleReport[], seconds: number): Promise<void> {
  const actions = reports.reduce((sum, report) => sum + report.actions, 0);
  const slowest = Math.max(...reports.map(({ drainedMs }) => drainedMs));
  const { lost, unanswered, errors } = chaos.phones.counts;
  const faults = [...chaos.faults.counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, times]) => `${kind} ${times}`);
  const counted = await metrics(stack);
  const words = ['commits_refused', 'commits_redone', 'worker_retries', 'dead_letters', 'rows_swept', 'stale_log_reads']
    .map((name) => `${name} ${counted.get(name) ?? 0}`);
  console.log(`\n${reports.length} schedules, ${actions} actions, ${chaos.faults.calls} calls to services in ${seconds.toFixed(0)} s; `
    + `longest until at rest ${(slowest / 1000).toFixed(1)} s`);
  console.log(`faults of services: ${faults.join(', ')}`);
  console.log(`faults of the network: lost ${lost}, unanswered ${unanswered}, errors ${errors}`);
  console.log(`functions counted: ${words.join(', ')}`);
  if (stack.refusals.length > 0) console.log(`REFUSED by lib/access.ts: ${[...new Set(stack.refusals)].join('; ')}`);
}

function whole(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new StartProblem(`${name} ${text} is not a whole number. See: npm run chaos -- --help`);
  return Number(text);
}

function flags(args: string[]) {
  const options = {
    help: { type: 'boolean', short: 'h' }, schedules: { type: 'string' }, seed: { type: 'string' }, lanes: { type: 'string' },
  } as const;
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new StartProblem(`${(error as Error).message.split('. ')[0]}. See: npm run chaos -- --help`);
  }
}
