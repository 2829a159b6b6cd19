/** What `npm audit --json` came to. `serious`: high or critical. */
export type Audit = { kind: 'no answer'; reason: string } | { kind: 'answered'; lines: string[]; serious: number };

type Vulnerability = { name: string; severity: string; range: string; via: (string | { title?: string; url?: string })[] };
type Output = { auditReportVersion?: number; vulnerabilities?: Record<string, Vulnerability>; message?: string; error?: { summary?: string } };

const SERIOUS: ReadonlySet<string> = new Set(['high', 'critical']);

/** Reads the output of `npm audit --json`. Whatever is no report of npm's is no answer, never a clean bill. */
export function readAudit(output: string): Audit {
  const { auditReportVersion, vulnerabilities, message, error } = parsed(output);
  if (auditReportVersion !== 2 || vulnerabilities === undefined) {
    return { kind: 'no answer', reason: message || error?.summary || 'the registry gave no report' };
  }
  const found = Object.values(vulnerabilities);
  return {
    kind: 'answered',
    lines: found.map(({ name, severity, range, via }) => `${severity}: ${name} ${range} ${titlesOf(via)}`.trimEnd()),
    serious: found.filter(({ severity }) => SERIOUS.has(severity)).length,
  };
}

function parsed(output: string): Output {
  try {
    const value: unknown = JSON.parse(output);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

function titlesOf(via: Vulnerability['via']): string {
  return via.map((cause) => (typeof cause === 'string' ? `by ${cause}` : `${cause.title ?? ''} ${cause.url ?? ''}`.trim())).join('; ');
}
