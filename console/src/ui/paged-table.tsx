import type { ComponentChildren } from 'preact';
import type { Pages } from '../data/load.ts';
import { Failed, Skeleton, Stale } from './states.tsx';
import { VirtualTable, type Column } from './virtual-table.tsx';

type PagedTableProps<T> = {
  pages: Pages<T>;
  label: string;
  columns: readonly Column<T>[];
  keyOf: (row: T) => string;
  /** Shown when there are no rows, and none to come. */
  none: ComponentChildren;
};

/** A list that comes page by page, or what is to be said while it is not there. */
export function PagedTable<T>({ pages, label, columns, keyOf, none }: PagedTableProps<T>) {
  const { rows, whole, loading, failure, begun, more, reload } = pages;
  if (!begun) return failure ? <Failed failure={failure} retry={reload} /> : <Skeleton lines={8} />;
  return (
    <>
      <Stale failure={failure} retry={reload} />
      {rows.length === 0 && whole
        ? none
        : <VirtualTable label={label} columns={columns} rows={rows} keyOf={keyOf} whole={whole} loading={loading} onEnd={more} />}
    </>
  );
}
