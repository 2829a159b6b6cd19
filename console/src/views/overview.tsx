import { query, type Page, type Row } from '../data/api.ts';
import { useLoaded, type Loaded } from '../data/load.ts';
import { go, link, place } from '../router.ts';
import { Chart, type ChartProps } from '../ui/chart.tsx';
import { Failed, Skeleton, Stale } from '../ui/states.tsx';
import { Foreign } from '../ui/text.tsx';
import { bytes, span, Time } from '../ui/time.tsx';
import { count, number, words } from '../ui/words.ts';
import { reasonOf } from './failure-words.ts';
import { Heading } from './heading.tsx';

type Day = Row<'usage'>;
type Counts = Row<'overview'>;

const DAY_MS = 24 * 3_600_000;
const RANGES = ['7', '30', '90'] as const;

const percent = (rate: number) => `${(rate * 100).toFixed(rate > 0.99 && rate < 1 ? 2 : 1).replace(/\.0+$/, '')} %`;

type Metric = Pick<ChartProps, 'title' | 'about' | 'show' | 'top' | 'zoomed'> & { of: (day: Partial<Day>) => number | null | undefined };

/** What tells whether phones sync well, in the order of questions. */
const METRICS: readonly Metric[] = [
  { title: 'Success rate', about: 'Applied, of all with an outcome', of: (day) => day.success_rate, show: percent, top: 1, zoomed: true },
  { title: 'Conflict rate', about: 'Met someone else’s change', of: (day) => day.conflict_rate, show: percent, top: 0.05 },
  { title: 'Sync duration', about: 'Acceptance to outcome, 95th percentile', of: (day) => day.duration_ms_p95, show: span },
  { title: 'Offline time', about: 'Age of actions on arrival, 95th percentile', of: (day) => day.offline_ms_p95, show: span },
  { title: 'Data', about: 'Requests and answers together', of: ({ bytes_in: up, bytes_out: down }) => (up === undefined || down === undefined ? undefined : up + down), show: bytes },
];

/** Are phones syncing? What is stuck? What waits for a decision? */
export function Overview() {
  const range = RANGES.find((days) => days === place.value.params['days']) ?? '30';
  const counts = useLoaded('overview page', () => query('overview'));
  const usage = useLoaded(`usage ${range}`, () => query('usage', { since: new Date(Date.now() - (Number(range) - 1) * DAY_MS).toISOString() }));
  return (
    <>
      <Heading title="Overview">
        <span class="quiet small">{counts.data ? <>as of <Time at={new Date(counts.atMs).toISOString()} clock /></> : ''}</span>
      </Heading>
      <Stale failure={counts.data ? counts.failure : undefined} retry={counts.reload} />
      {!counts.data && counts.failure ? <Failed failure={counts.failure} retry={counts.reload} /> : <Tiles counts={counts.data?.rows[0]} />}
      <Attention counts={counts.data?.rows[0]} />
      <div class="section-head">
        <h2>Over time</h2>
        <div class="segments" role="group" aria-label="Days shown">
          {RANGES.map((days) => (
            <button key={days} type="button" aria-pressed={days === range} onClick={() => go('', { days: days === '30' ? undefined : days }, true)}>{days} days</button>
          ))}
        </div>
      </div>
      <Charts usage={usage} />
    </>
  );
}

function Tiles({ counts }: { counts: Counts | undefined }) {
  const tiles = [
    { name: 'Failed', n: counts?.failed, href: link('failed'), about: 'kept until someone decides', bad: true },
    { name: 'Conflicts', n: counts?.unresolved_conflicts, href: link('conflicts'), about: 'wait for a decision', bad: false },
    { name: 'Pending', n: counts?.pending, href: link('pending'), about: 'accepted, without outcome', bad: false },
    { name: 'Devices', n: counts?.devices, href: link('devices'), about: 'have synced', bad: false },
  ];
  return (
    <ul class="tiles">
      {tiles.map(({ name, n, href, about, bad }) => (
        <li key={name}>
          <a class={`card tile ${bad && n !== undefined && n > 0 ? 'is-bad' : ''}`} href={href}>
            <span class="tile-name">{name}</span>
            <strong>{n === undefined ? '–' : number.format(n)}</strong>
            <span class="quiet small">{about}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}

/** The failures by their reasons, so that one cause reads as one. */
function Attention({ counts }: { counts: Counts | undefined }) {
  const failed = useLoaded('failed reasons', () => query('failed_actions'));
  if ((counts?.failed ?? 0) === 0 || !failed.data) return null;
  const reasons = new Map<string, Row<'failed_actions'>[]>();
  for (const row of failed.data.rows) {
    const reason = row.last_error ?? '';
    reasons.set(reason, [...(reasons.get(reason) ?? []), row]);
  }
  const top = [...reasons].sort(([, a], [, b]) => b.length - a.length).slice(0, 3);
  return (
    <section class="card attention" aria-labelledby="attention">
      <h2 id="attention">Why actions failed</h2>
      <ul class="plain">
        {top.map(([reason, rows]) => (
          <li key={reason}>
            <a href={rows.length === 1 ? link('action', { user: rows[0]!.user, id: rows[0]!.client_id }) : link('failed')}>
              {rows.length === 1 ? words(rows[0]!.action_type) : count(rows.length, 'action')}
            </a>
            <span class="reason"><Foreign text={reasonOf(reason === '' ? null : reason)} most={220} /></span>
            <span class="quiet small"><Time at={rows[0]!.accepted_at} /></span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Charts({ usage }: { usage: Loaded<Page<Day>> }) {
  if (!usage.data) {
    return usage.failure ? <Failed failure={usage.failure} retry={usage.reload} /> : <div class="charts" role="status" aria-label="Loading">{METRICS.map(({ title }) => <div key={title} class="card chart"><Skeleton lines={3} /></div>)}</div>;
  }
  const { rows, summary } = usage.data;
  return (
    <>
      <Stale failure={usage.failure} retry={usage.reload} />
      <div class="charts">
        {METRICS.map(({ of, ...metric }) => (
          <Chart
            key={metric.title}
            {...metric}
            points={rows.map((day) => ({ day: day.day, value: active(day) ? (of(day) ?? undefined) : undefined }))}
            summary={summary === undefined ? undefined : (of(summary) ?? undefined)}
          />
        ))}
        <section class="card chart totals" aria-labelledby="totals">
          <h3 id="totals">In all</h3>
          <dl class="pairs">
            <div><dt>Actions</dt><dd>{number.format(summary?.actions ?? 0)}</dd></div>
            <div><dt>Uploads</dt><dd>{number.format(summary?.uploads ?? 0)}</dd></div>
            <div><dt>Downloads</dt><dd>{number.format(summary?.downloads ?? 0)}</dd></div>
            <div><dt>Rejected</dt><dd>{number.format(summary?.rejected ?? 0)}</dd></div>
            <div><dt>Retried</dt><dd>{number.format(summary?.retried ?? 0)}</dd></div>
          </dl>
        </section>
      </div>
      <NumbersTable rows={rows} />
    </>
  );
}

/** A day on which nothing happened has no rates, and shows as a gap. */
function active(day: Day): boolean {
  return day.actions > 0 || day.bytes_in + day.bytes_out > 0;
}

/** The charts as numbers, for who reads numbers better, or can't see lines. */
function NumbersTable({ rows }: { rows: readonly Day[] }) {
  const days = rows.filter(active).reverse();
  if (days.length === 0) return null;
  return (
    <details class="numbers">
      <summary>The numbers by day</summary>
      <div class="scroll" role="region" aria-label="Numbers by day" tabIndex={0}>
        <table>
          <thead><tr><th scope="col">Day (UTC)</th><th scope="col">Actions</th>{METRICS.map(({ title }) => <th key={title} scope="col">{title}</th>)}</tr></thead>
          <tbody>
            {days.map((day) => (
              <tr key={day.day}>
                <th scope="row">{day.day}</th>
                <td>{number.format(day.actions)}</td>
                {METRICS.map(({ title, of, show }) => {
                  const value = of(day);
                  return <td key={title}>{value === null || value === undefined ? '–' : show(value)}</td>;
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
