/** What CloudWatch takes out of a line of the log (AWS, "Specification: Embedded metric format"). */
type Embedded = {
  _aws: { Timestamp: number; CloudWatchMetrics: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string; Unit: 'Count' }[] }[] };
  service: string;
} & Record<string, unknown>;

/**
 * Counts as a line of the log, for CloudWatch to make metrics of, by `service`. At most 100 at a time. The library for
 * this would be a quarter of the smallest function.
 */
export function embeddedMetrics(namespace: string, service: string, timestampMs: number, counts: ReadonlyMap<string, number>): string {
  const metrics = [...counts.keys()].map((Name) => ({ Name, Unit: 'Count' as const }));
  const line: Embedded = {
    _aws: { Timestamp: timestampMs, CloudWatchMetrics: [{ Namespace: namespace, Dimensions: [['service']], Metrics: metrics }] },
    service,
    ...Object.fromEntries(counts),
  };
  return JSON.stringify(line);
}
