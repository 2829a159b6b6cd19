import { missed, type Figure, type Table } from './figure.ts';

/** A table as text: the first column to the left, figures to the right. */
export function tableText({ title, columns, rows }: Table): string {
  const widths = columns.map((column, i) => Math.max(column.length, ...rows.map((row) => (row[i] ?? '').length)));
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ').trimEnd();
  return [title, line(columns), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** Figures with their goals beside them. */
export function figureTable(title: string, figures: readonly Figure[]): Table {
  const late = new Set(missed(figures));
  const rows = figures.map((figure) => {
    const verdict = figure.goal === null || figure.timed ? '' : late.has(figure) ? 'MISSED' : 'ok';
    return [figure.name, number(figure.value), figure.goal === null ? '' : `<= ${figure.goal}`, figure.unit, verdict];
  });
  return { title, columns: ['figure', 'value', 'goal', 'unit', ''], rows };
}

/** A figure for people: two digits behind the point, and none for a whole number. */
export function number(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(2);
}
