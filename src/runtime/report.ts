import { AsyncLocalStorage } from 'node:async_hooks';
import { Logger } from '@aws-lambda-powertools/logger';
import type { InvocationReport, Report } from '../service/ports/report.ts';
import { embeddedMetrics } from './embedded-metrics.ts';
import { ENV, METRICS_NAMESPACE } from './env.ts';
import type { Environment } from './settings.ts';

type Fields = Parameters<Report['info']>[1];

/** The only fields that reach the log; whoever needs another adds it here and asks whether it names somebody. */
const FIELDS: ReadonlySet<string> = new Set([
  'at', 'attempts', 'batch', 'cause', 'characters', 'code', 'error', 'failed', 'faults', 'messages', 'ms', 'n', 'reason', 'role',
  'route', 'scope', 'status', 'unlisted',
]);

/** Counts every alarm, whatever its event: the metric that wakes someone. */
const ALARMS = 'alarms';

/** By function, for its alarm; everything else only by stage (ADR 15). */
const PER_SERVICE: ReadonlySet<string> = new Set([ALARMS]);

/** One invocation: what all its lines say, and what it counted and measured. */
type Invoked = { keys: { request_id?: string; user?: string }; counts: Map<string, number>; measured: Map<string, number[]> };

function invoked(keys: Invoked['keys'] = {}): Invoked {
  return { keys, counts: new Map(), measured: new Map() };
}

/**
 * Log lines of one JSON object each, and metrics in the embedded format, once per invocation that has any. Each
 * invocation has its own, also where several run at a time, as in the local stack.
 */
export function createReport(env: Environment = process.env): InvocationReport {
  const logger = new Logger();
  const origin = { namespace: METRICS_NAMESPACE, stage: env[ENV.stage] ?? 'none', service: env['POWERTOOLS_SERVICE_NAME'] ?? 'fieldsync' };
  const invocation = new AsyncLocalStorage<Invoked>();
  const before = invoked();
  const now = () => invocation.getStore() ?? before;
  const count: Report['count'] = (metric, value = 1) => {
    const { counts } = now();
    counts.set(metric, (counts.get(metric) ?? 0) + value);
  };
  const line = (fields?: Fields) => ({ ...now().keys, ...listed(fields) });
  return {
    begin: (requestId) => invocation.enterWith(invoked({ request_id: requestId })),
    by: (user) => void (now().keys.user = user),
    end() {
      const { counts, measured } = now();
      const metrics = new Map<string, number | number[]>([...counts, ...measured]);
      if (metrics.size > 0) process.stdout.write(`${embeddedMetrics(origin, Date.now(), metrics, PER_SERVICE).join('\n')}\n`);
      counts.clear();
      measured.clear();
    },
    info: (event, fields) => logger.info(event, line(fields)),
    warn: (event, fields) => logger.warn(event, line(fields)),
    alarm(event, fields) {
      logger.error(event, line(fields));
      count(ALARMS);
    },
    count,
    measure(metric, value) {
      const { measured } = now();
      measured.set(metric, [...(measured.get(metric) ?? []), value]);
    },
  };
}

function listed(fields: Fields = {}): NonNullable<Fields> {
  const names = Object.keys(fields);
  const others = names.filter((name) => !FIELDS.has(name));
  const kept = Object.fromEntries(Object.entries(fields).filter(([name]) => FIELDS.has(name)));
  return others.length > 0 ? { ...kept, unlisted: others.join() } : kept;
}
