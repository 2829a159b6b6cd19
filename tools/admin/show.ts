type Row = Readonly<Record<string, unknown>>;

/** Rows as a table for people: these columns, each as wide as it must be. */
export function table(rows: readonly Row[], columns: readonly string[]): string {
  if (rows.length === 0) return '(nothing)';
  const cells = [columns.map((column) => column.replaceAll('_', ' ')), ...rows.map((row) => columns.map((column) => word(row[column])))];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => line[i]?.length ?? 0)));
  const numeric = columns.map((column) => rows.every((row) => row[column] === null || typeof row[column] === 'number'));
  const [head = [], ...lines] = cells.map((line) =>
    line.map((cell, i) => (numeric[i] === true ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))));
  const rule = widths.map((width) => '-'.repeat(width));
  return [head, rule, ...lines].map((line) => line.join('  ').trimEnd()).join('\n');
}

/** One row, a line for each column. */
export function card(row: Row): string {
  const width = Math.max(...Object.keys(row).map((name) => name.length));
  return Object.entries(row).map(([name, value]) => `${name.replaceAll('_', ' ').padEnd(width)}  ${full(value, width + 2)}`).join('\n');
}

/** A value in a cell: times without the T, nothing as `-`, lists and objects as JSON, and no control characters. */
function word(value: unknown): string {
  if (value === null || value === undefined || value === '') return '-';
  if (typeof value === 'object') return JSON.stringify(value);
  return plain(String(value)).replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?Z$/, '$1 $2');
}

function full(value: unknown, indent: number): string {
  if (typeof value !== 'object' || value === null) return word(value);
  return JSON.stringify(value, undefined, 2).replaceAll('\n', `\n${' '.repeat(indent)}`);
}

/** What users wrote must not move the cursor of whoever reads it. */
function plain(text: string): string {
  return [...text].map((letter) => (/\p{Cc}/u.test(letter) ? '�' : letter)).join('');
}
