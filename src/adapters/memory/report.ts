import type { Report } from '../../service/ports/report.ts';

export type ReportLine = { level: 'info' | 'warn' | 'alarm'; event: string; fields: Record<string, string | number | boolean> };

export type MemoryReport = Report & {
  lines: ReportLine[];
  /** Sums by metric. */
  counts: Map<string, number>;
  /** Measurements by metric. */
  measured: Map<string, number[]>;
  /** Hashes of users that lines are of. */
  users: string[];
  /** Notes whose lines follow. */
  by(userHash: string): void;
  /** Events that would have woken someone. */
  alarms(): string[];
};

/** Keeps what was reported, for tests to look at. */
export function createMemoryReport(): MemoryReport {
  const lines: ReportLine[] = [];
  const counts = new Map<string, number>();
  const measured = new Map<string, number[]>();
  const users: string[] = [];
  const note =
    (level: ReportLine['level']): Report['info'] =>
    (event, fields = {}) => {
      lines.push({ level, event, fields: { ...fields } });
    };
  return {
    info: note('info'),
    warn: note('warn'),
    alarm: note('alarm'),
    count(metric, value = 1) {
      counts.set(metric, (counts.get(metric) ?? 0) + value);
    },
    measure(metric, value) {
      const values = measured.get(metric);
      if (values) values.push(value);
      else measured.set(metric, [value]);
    },
    by: (userHash) => void users.push(userHash),
    lines,
    counts,
    measured,
    users,
    alarms: () => lines.filter((line) => line.level === 'alarm').map((line) => line.event),
  };
}
