import { damage, differing, type Finding } from './finding.ts';
import type { LogCheck } from './log-check.ts';

type Seen<Row> = {
  /** The last commit up to `applied` that wrote the row, and the row as it left it. */
  due?: Row;
  /** The row as that commit left it whose number the stored row has. */
  same?: Row;
};

/**
 * Compares the stored rows of one view with their images in the log. Stored rows must have been read after the head
 * and before the log's end: then each is the image of a commit that is seen, and none older than `applied` asks for.
 */
export class ViewCheck<Row extends { n: number }> {
  readonly #name: string;
  readonly #applied: number;
  readonly #stored: Map<string, Row>;
  readonly #seen = new Map<string, Seen<Row>>();

  constructor(name: string, applied: number, stored = new Map<string, Row>()) {
    this.#name = name;
    this.#applied = applied;
    this.#stored = stored;
  }

  get size(): number {
    return this.#seen.size;
  }

  knows(key: string): boolean {
    return this.#seen.has(key);
  }

  store(key: string, row: Row): void {
    this.#stored.set(key, row);
  }

  /** Takes note of an image, in the order of the log. */
  see(key: string, image: Row): void {
    const seen = this.#seen.get(key) ?? {};
    if (image.n <= this.#applied) seen.due = image;
    if (image.n === this.#stored.get(key)?.n) seen.same = image;
    this.#seen.set(key, seen);
  }

  /** `mayBeGone`: has a row like this image expired? `older`: rows that only commits older than the log could prove. */
  verdict(log: LogCheck, mayBeGone: (image: Row) => boolean = () => false): { findings: Finding[]; older: number } {
    const findings: Finding[] = [];
    const say = (what: string, key: string, detail: string) => findings.push(damage(`${this.#name}_${what}`, key, detail));
    for (const [key, { due, same }] of this.#seen) {
      const stored = this.#stored.get(key);
      if (!stored) {
        if (due && !mayBeGone(due)) say('missing', key, `commit ${due.n} wrote it`);
      } else if (due && stored.n < due.n) say('stale', key, `is of commit ${stored.n}, and ${due.n} wrote it too`);
      else if (!same) say('unknown', key, `says that commit ${stored.n} wrote it, which did not`);
      else {
        const members = differing(stored, same);
        if (members.length > 0) say('differs', key, `differs from commit ${stored.n} in ${members.join(', ')}`);
      }
    }
    let older = 0;
    for (const [key, { n }] of this.#stored) {
      if (this.#seen.has(key)) continue;
      if (n > log.reach || log.has(n)) say('unknown', key, `says that commit ${n} wrote it, which did not`);
      else older++;
    }
    return { findings, older };
  }
}
