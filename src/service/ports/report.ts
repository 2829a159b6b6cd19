/** Structured log lines and metrics: never payloads, tokens or names. */
export type Report = {
  info(event: string, fields?: Record<string, string | number | boolean>): void;
  warn(event: string, fields?: Record<string, string | number | boolean>): void;
  /** Wakes someone: holes in logs, dead batches. */
  alarm(event: string, fields?: Record<string, string | number | boolean>): void;
  /** Adds to a sum. A name that ends in `_ms` or `_bytes` tells its unit. */
  count(metric: string, value?: number): void;
  /** One measurement of many, of which percentiles are asked. */
  measure(metric: string, value: number): void;
};

/**
 * A report for one invocation after the other: `begin` names the request, `by` its user in all lines that follow (by a
 * hash), `end` writes the metrics.
 */
export type InvocationReport = Report & { begin(requestId: string): void; by(userHash: string): void; end(): void };
