/** What CloudWatch takes out of a line of the log (AWS, "Specification: Embedded metric format"). */
type Directive = { Namespace: string; Dimensions: string[][]; Metrics: { Name: string; Unit: Unit }[] };
type Unit = 'Count' | 'Milliseconds' | 'Bytes';
type Embedded = { _aws: { Timestamp: number; CloudWatchMetrics: Directive[] } } & Record<string, unknown>;

/** One number is a sum; several are measurements, of which percentiles can be told. */
export type Metrics = ReadonlyMap<string, number | readonly number[]>;

/** Where metrics belong. `service`: the function. */
export type Origin = { namespace: string; stage: string; service: string };

/** Most numbers of one metric in a line. */
const NUMBERS = 100;

/**
 * Metrics as lines of the log, for CloudWatch to make metrics of, by `stage`; those named in `perService` by `service`
 * too, for every set of dimensions of a metric is paid for. A name tells its unit: `…_ms`, `…_bytes`, else a count. Why
 * no library: ADR 15.
 */
export function embeddedMetrics(origin: Origin, timestampMs: number, metrics: Metrics, perService: ReadonlySet<string>): string[] {
  const rounds = Math.ceil(Math.max(1, ...[...metrics.values()].map((value) => (typeof value === 'number' ? 1 : value.length))) / NUMBERS);
  return Array.from({ length: rounds }, (_, round) => {
    const part = new Map<string, number | readonly number[]>();
    for (const [name, value] of metrics) {
      const numbers = typeof value === 'number' ? [] : value.slice(round * NUMBERS, (round + 1) * NUMBERS);
      if (numbers.length > 0) part.set(name, numbers);
      else if (typeof value === 'number' && round === 0) part.set(name, value);
    }
    return line(origin, timestampMs, part, perService);
  });
}

function line({ namespace, stage, service }: Origin, timestampMs: number, metrics: Metrics, perService: ReadonlySet<string>): string {
  const directive = (dimensions: string[], names: readonly string[]): Directive[] =>
    names.length === 0 ? [] : [{ Namespace: namespace, Dimensions: [dimensions], Metrics: names.map((Name) => ({ Name, Unit: unitOf(Name) })) }];
  const names = [...metrics.keys()];
  const embedded: Embedded = {
    _aws: {
      Timestamp: timestampMs,
      CloudWatchMetrics: [
        ...directive(['stage'], names.filter((name) => !perService.has(name))),
        ...directive(['stage', 'service'], names.filter((name) => perService.has(name))),
      ],
    },
    stage,
    service,
    ...Object.fromEntries(metrics),
  };
  return JSON.stringify(embedded);
}

function unitOf(name: string): Unit {
  if (name.endsWith('_ms')) return 'Milliseconds';
  return name.endsWith('_bytes') ? 'Bytes' : 'Count';
}
