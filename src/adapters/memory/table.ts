import { copy } from './copy.ts';

/** Order of a DynamoDB sort key: by UTF-8 bytes, which differs from JavaScript's own beyond U+FFFF. */
export function compareKeys(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Longest keys of DynamoDB, bytes. */
const PARTITION_BYTES = 2048;
const SORT_BYTES = 1024;

/** DynamoDB refuses the whole call for a key that is empty or too long: so does this. */
function requireKey(part: string, most: number): void {
  if (part === '') throw new Error('a key must not be empty');
  if (part.length * 3 > most && Buffer.byteLength(part) > most) throw new Error(`a key has at most ${most} bytes`);
}

type Partition<Row> = { rows: Map<string, Row>; sorted: string[] | undefined };

/** Rows by partition and sort key. Copies on the way in and out, so that nobody shares state with it. */
export class Table<Row> {
  readonly #partitions = new Map<string, Partition<Row>>();

  get(partition: string, sort: string): Row | undefined {
    requireKey(partition, PARTITION_BYTES);
    requireKey(sort, SORT_BYTES);
    return copy(this.#partitions.get(partition)?.rows.get(sort));
  }

  put(partition: string, sort: string, row: Row): void {
    requireKey(partition, PARTITION_BYTES);
    requireKey(sort, SORT_BYTES);
    const rows = this.#partitions.get(partition) ?? { rows: new Map<string, Row>(), sorted: undefined };
    this.#partitions.set(partition, rows);
    if (!rows.rows.has(sort)) rows.sorted = undefined;
    rows.rows.set(sort, copy(row));
  }

  delete(partition: string, sort: string): void {
    const rows = this.#partitions.get(partition);
    if (rows?.rows.delete(sort)) rows.sorted = undefined;
  }

  /** Rows of a partition by sort key after `after`; `next`: the last key given, if there are more. */
  page(partition: string, after: string, limit: number, keep: (sort: string) => boolean = () => true): { rows: Row[]; next?: string } {
    requireKey(partition, PARTITION_BYTES);
    const keys = this.#keys(partition).filter((key) => compareKeys(key, after) > 0 && keep(key));
    const given = keys.slice(0, limit);
    const rows = given.flatMap((key) => this.get(partition, key) ?? []);
    const last = given.at(-1);
    return given.length < keys.length && last !== undefined ? { rows, next: last } : { rows };
  }

  /** Every row, by partition and sort key. */
  all(): { partition: string; sort: string; row: Row }[] {
    return [...this.#partitions.keys()].sort(compareKeys).flatMap((partition) =>
      this.#keys(partition).flatMap((sort) => {
        const row = this.get(partition, sort);
        return row === undefined ? [] : [{ partition, sort, row }];
      }),
    );
  }

  #keys(partition: string): string[] {
    const rows = this.#partitions.get(partition);
    if (!rows) return [];
    rows.sorted ??= [...rows.rows.keys()].sort(compareKeys);
    return rows.sorted;
  }
}
