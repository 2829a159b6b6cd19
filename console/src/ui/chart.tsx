import { useId, useRef, useState } from 'preact/hooks';

export type Point = { day: string; value: number | undefined };
export type ChartProps = {
  title: string;
  /** What the number means, in a few words. */
  about: string;
  points: readonly Point[];
  show: (value: number) => string;
  /** The scale always reaches at least so far. */
  top?: number;
  /** A rate near the top: the scale begins at the tenth below the lowest value, and that is told. */
  zoomed?: boolean;
  /** Of the whole range. */
  summary: number | undefined;
};

const WIDTH = 320;
const HEIGHT = 96;
const INSET = { left: 4, right: 4, top: 8, bottom: 4 };

const dayName = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
const nameOf = (day: string) => dayName.format(new Date(`${day}T00:00:00Z`));

/** One metric by day: a line, the value under the pointer or the arrow keys, and the numbers as a table for who wants them. */
export function Chart({ title, about, points, show, top = 0, zoomed = false, summary }: ChartProps) {
  const id = useId();
  const svg = useRef<SVGSVGElement>(null);
  const [at, setAt] = useState<number>();
  const known = points.flatMap(({ value }) => (value === undefined ? [] : [value]));
  const most = Math.max(top, ...known) || 1;
  const least = zoomed && known.length > 0 ? Math.min(Math.floor(Math.min(...known) * 10) / 10, most - 0.1) : 0;
  const x = (i: number) => INSET.left + (points.length < 2 ? 0.5 : i / (points.length - 1)) * (WIDTH - INSET.left - INSET.right);
  const y = (value: number) => HEIGHT - INSET.bottom - ((value - least) / (most - least)) * (HEIGHT - INSET.top - INSET.bottom);
  const runs = runsOf(points);
  const chosen = at === undefined ? undefined : points[at];

  const point = (event: PointerEvent) => {
    const box = svg.current?.getBoundingClientRect();
    if (!box || points.length === 0) return;
    const share = (event.clientX - box.left) / box.width;
    setAt(Math.max(0, Math.min(points.length - 1, Math.round(share * (points.length - 1)))));
  };
  const step = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    setAt(Math.max(0, Math.min(points.length - 1, (at ?? points.length - 1) + (at === undefined ? 0 : by))));
  };

  return (
    <section class="card chart" aria-labelledby={id}>
      <header>
        <h3 id={id}>{title}</h3>
        <p class="quiet">{about}</p>
      </header>
      <p class="chart-value" aria-live="off">
        <strong>{chosen ? valueText(chosen.value, show) : valueText(summary, show)}</strong>
        <span class="quiet">{chosen ? nameOf(chosen.day) : `over ${points.length} days`}</span>
      </p>
      {known.length === 0
        ? <p class="chart-none quiet">Nothing was measured in this time.</p>
        : (
          <svg
            ref={svg}
            class="chart-lines"
            viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
            preserveAspectRatio="none"
            role="slider"
            tabIndex={0}
            aria-label={`${title} by day`}
            aria-valuemin={0}
            aria-valuemax={points.length - 1}
            aria-valuenow={at ?? points.length - 1}
            aria-valuetext={describe(points[at ?? points.length - 1], show)}
            onPointerMove={point}
            onPointerDown={point}
            onPointerLeave={() => setAt(undefined)}
            onKeyDown={step}
            onBlur={() => setAt(undefined)}
          >
            {[0, 0.5, 1].map((share) => (
              <line key={share} class="chart-grid" x1={0} x2={WIDTH} y1={y(least + (most - least) * share)} y2={y(least + (most - least) * share)} vector-effect="non-scaling-stroke" />
            ))}
            {runs.map((run) => {
              const line = run.map(({ i, value }) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`).join(' L');
              const [first, last] = [x(run[0]!.i), x(run.at(-1)!.i)];
              return (
                <g key={run[0]!.i}>
                  {run.length > 1 && <path class="chart-area" d={`M${line} L${last.toFixed(1)},${HEIGHT} L${first.toFixed(1)},${HEIGHT} Z`} />}
                  <path class="chart-line" vector-effect="non-scaling-stroke" d={run.length > 1 ? `M${line}` : `M${(first - 1).toFixed(1)},${y(run[0]!.value).toFixed(1)} h2`} />
                </g>
              );
            })}
            {chosen && <line class="chart-cursor" x1={x(at!)} x2={x(at!)} y1={0} y2={HEIGHT} vector-effect="non-scaling-stroke" />}
          </svg>
        )}
      <p class="chart-days quiet">
        <span>{points[0] ? nameOf(points[0].day) : ''}</span>
        <span>{known.length === 0 ? '' : zoomed ? `lowest ${show(Math.min(...known))}, scale from ${show(least)}` : `highest ${show(Math.max(...known))}`}</span>
        <span>{points.at(-1) ? nameOf(points.at(-1)!.day) : ''}</span>
      </p>
    </section>
  );
}

function valueText(value: number | undefined, show: (value: number) => string): string {
  return value === undefined ? '–' : show(value);
}

function describe(point: Point | undefined, show: (value: number) => string): string {
  if (!point) return 'no days';
  return `${nameOf(point.day)}: ${point.value === undefined ? 'nothing measured' : show(point.value)}`;
}

/** Days in a row that have a value: a gap is a gap, and not a line across it. */
function runsOf(points: readonly Point[]): { i: number; value: number }[][] {
  const runs: { i: number; value: number }[][] = [];
  for (const [i, { value }] of points.entries()) {
    if (value === undefined) continue;
    const last = runs.at(-1);
    if (last?.at(-1)?.i === i - 1) last.push({ i, value });
    else runs.push([{ i, value }]);
  }
  return runs;
}
