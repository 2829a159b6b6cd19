import { randomUUID } from 'node:crypto';
import type { ScheduleResource } from '../template/resources.ts';
import type { LocalFunction } from './local-function.ts';

/** Starts `fn` at the schedule's rate, as EventBridge would. Returns how to end that. */
export function runSchedule(schedule: ScheduleResource, fn: LocalFunction, region: string): () => void {
  const timer = setInterval(() => {
    const event: unknown = schedule.input === undefined ? scheduledEvent(region) : JSON.parse(schedule.input);
    fn.invoke(event).catch(() => {}); // only when it has stopped meanwhile
  }, schedule.everyMs);
  return () => clearInterval(timer);
}

function scheduledEvent(region: string): Record<string, unknown> {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: '000000000000',
    time: new Date().toISOString(),
    region,
    resources: [],
    detail: {},
  };
}
