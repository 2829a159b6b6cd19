import { faultFields } from '../service/fault-fields.ts';
import type { Deps } from '../service/deps.ts';
import type { InvocationReport } from '../service/ports/report.ts';

type ScheduleHandler<Result> = (event: unknown, invocation: { awsRequestId: string }) => Promise<Result>;

/** A function that a schedule starts, or ops with an event of their own. It fails as a whole: its errors are counted. */
export function scheduleHandler<Result, World = Deps>(
  { report, deps }: { report: InvocationReport; deps: () => World },
  run: (deps: World, event: unknown) => Promise<Result>,
): ScheduleHandler<Result> {
  return async (event, invocation) => {
    report.begin(invocation.awsRequestId);
    const fields = { error: '' };
    try {
      return await run(deps(), event);
    } catch (error) {
      Object.assign(fields, faultFields(error));
      report.alarm('run_failed', fields);
    } finally {
      report.end();
    }
    // The platform logs what is thrown: only the error's class may get there.
    throw new Error(`the run failed: ${fields.error}`);
  };
}
