import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

export type Column<T> = {
  id: string;
  title: string;
  /** Share of the width (`2fr`) or a size (`7rem`). */
  width: string;
  align?: 'end';
  cell: (row: T) => ComponentChildren;
};

type TableProps<T> = {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string;
  /** There are no rows beyond these. */
  whole: boolean;
  loading: boolean;
  onEnd: () => void;
};

/** In rem: of a row, and of one as a card on a phone. `styles/table.css` breaks at the same width. */
const ROW = 2.75;
const CARD = 4.75;
const PHONE = '(max-width: 45rem)';
/** Rows that are ready above and below the screen. */
const SPARE = 12;

/**
 * A table of which only the rows on the screen exist, however many it has; the page scrolls, not a box within it. The
 * first cell of a row holds its link; arrows, Home and End move between the links.
 */
export function VirtualTable<T>({ label, columns, rows, keyOf, whole, loading, onEnd }: TableProps<T>) {
  const body = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState({ first: 0, last: 40, height: ROW * 16 });
  const [focused, setFocused] = useState<number>();
  const wanted = useRef<number>(undefined);

  useLayoutEffect(() => {
    const phone = matchMedia(PHONE);
    const look = () => {
      const box = body.current?.getBoundingClientRect();
      if (!box) return;
      const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
      const height = (phone.matches ? CARD : ROW) * rem;
      const first = Math.max(0, Math.floor(-box.top / height) - SPARE);
      const last = Math.ceil((innerHeight - box.top) / height) + SPARE;
      setSeen((before) => (before.first === first && before.last === last && before.height === height ? before : { first, last, height }));
    };
    look();
    const sizes = new ResizeObserver(look);
    sizes.observe(document.documentElement);
    addEventListener('scroll', look, { passive: true });
    phone.addEventListener('change', look);
    return () => {
      sizes.disconnect();
      removeEventListener('scroll', look);
      phone.removeEventListener('change', look);
    };
  }, []);

  useEffect(() => { if (!whole && !loading && seen.last >= rows.length) onEnd(); });
  useLayoutEffect(() => {
    if (wanted.current === undefined) return;
    const link = body.current?.querySelector<HTMLElement>(`[data-row="${wanted.current}"] a`);
    if (link) {
      wanted.current = undefined;
      link.focus({ preventScroll: true });
      link.closest('[role=row]')?.scrollIntoView({ block: 'nearest' });
    }
  });

  const visible: number[] = [];
  for (let i = seen.first; i < Math.min(rows.length, seen.last); i++) visible.push(i);
  // What has the focus stays, or the focus would be lost with it.
  if (focused !== undefined && focused < rows.length && !visible.includes(focused)) visible.push(focused);

  const move = (event: KeyboardEvent) => {
    if (!(event.target instanceof HTMLAnchorElement)) return;
    // Keys may come faster than the focus moves.
    const at = wanted.current ?? Number(event.target.closest<HTMLElement>('[data-row]')?.dataset['row']);
    const targets: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(rows.length - 1, target));
    wanted.current = next;
    setFocused(next);
  };

  const template = { 'grid-template-columns': columns.map(({ width }) => (width.endsWith('fr') ? `minmax(0, ${width})` : width)).join(' ') };
  return (
    <div class="table" role="table" aria-label={label} aria-rowcount={whole ? rows.length + 1 : -1} aria-busy={loading}>
      <div class="table-head" role="rowgroup">
        <div class="table-row" role="row" aria-rowindex={1} style={template}>
          {columns.map(({ id, title, align }) => <div key={id} role="columnheader" class={align}>{title}</div>)}
        </div>
      </div>
      <div class="table-body" role="rowgroup" ref={body} style={{ height: `${rows.length * seen.height}px` }} onKeyDown={move}>
        {visible.map((i) => {
          const row = rows[i]!;
          return (
            <div
              key={keyOf(row)}
              class="table-row"
              role="row"
              aria-rowindex={i + 2}
              data-row={i}
              style={{ ...template, transform: `translateY(${i * seen.height}px)`, height: `${seen.height}px` }}
              onFocusIn={() => setFocused(i)}
              onFocusOut={() => setFocused((before) => (before === i && wanted.current === undefined ? undefined : before))}
            >
              {columns.map(({ id, title, align, cell }) => (
                <div key={id} role="cell" class={`cell-${id} ${align ?? ''}`} data-title={title}>{cell(row)}</div>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}
