import { EPOCH_STEP, expired, type Head } from '../../engine/cursor.ts';
import type { Commit } from '../../engine/model.ts';
import { behind, damage, type Finding } from './finding.ts';

/**
 * Walks a log commit by commit: numbers without holes but for expiry and the jumps of epochs, each commit with the
 * time of its predecessor, and a head that fits (design 1 and 4; P14).
 */
export class LogCheck {
  readonly findings: Finding[] = [];
  first = 0;
  last = 0;
  count = 0;
  readonly #head: Head;
  readonly #now: number;
  readonly #read = new Set<number>();
  #lastAt = 0;

  constructor(head: Head, now: number) {
    this.#head = head;
    this.#now = now;
  }

  /** Was there a commit of this number? */
  has(n: number): boolean {
    return this.#read.has(n);
  }

  /** Nothing can be of a later commit: the newest ones may have expired, and the head still knows of them. */
  get reach(): number {
    return Math.max(this.last, this.#head.applied);
  }

  /** True: time has dropped what lay before it. What was seen so far proves nothing: old commits go in any order. */
  see(commit: Commit): boolean {
    const { n, at, prevAt } = commit;
    const follows = this.#follows(commit);
    const begins = !follows && expired(prevAt, this.#now);
    if (begins) this.#forget();
    if (!follows && !begins) {
      this.findings.push(damage('hole', n, `nothing between ${this.last} and ${n}, and that is too young to have expired`));
    } else if (this.#isNext(n) && prevAt !== this.#lastAt) {
      this.findings.push(damage('wrong_predecessor', n, `names ${prevAt} as the time of its predecessor, which has ${this.#lastAt}`));
    }
    if (at < prevAt) this.findings.push(damage('time_backwards', n, 'is older than its predecessor'));
    if (n === this.#head.applied && at !== this.#head.appliedAt) {
      this.findings.push(damage('head_time', n, `the head has another time for it`));
    }
    this.#read.add(n);
    if (this.count === 0) this.first = n;
    this.count++;
    this.last = n;
    this.#lastAt = at;
    return begins;
  }

  /** To be called after the last commit. True: time has dropped what came after it, as for `see`. */
  end(): boolean {
    const { applied, appliedAt, start, end } = this.#head;
    if (this.last > applied) {
      this.findings.push(behind('not_redone', this.last, `the log goes on to ${this.last}, and is redone up to ${applied}`));
    }
    const begun = applied === start - 1 && (end === this.last || (this.#afterEmpty && appliedAt === this.#lastAt));
    const beyond = applied > this.last && !begun;
    const dropped = beyond && expired(appliedAt, this.#now);
    if (beyond && !dropped) this.findings.push(damage('hole', applied, `the head says ${applied}, and the log ends at ${this.last}`));
    if (dropped) this.#forget();
    return dropped;
  }

  #forget(): void {
    this.#read.clear();
    this.count = 0;
    this.first = 0;
  }

  #isNext(n: number): boolean {
    return n === this.last + 1 || (n === this.#head.start && this.last === this.#head.end);
  }

  /** Did the epoch before this one have no commit? Then its end is no commit's number either. */
  get #afterEmpty(): boolean {
    return this.#head.end % EPOCH_STEP === EPOCH_STEP - 1;
  }

  /** Comes right after the one before. Of older jumps than the last nobody knows the end: only the time tells. */
  #follows({ n, prevAt }: Commit): boolean {
    if (this.#isNext(n)) return true;
    const jumps = n % EPOCH_STEP === 0 && (n < this.#head.start || (n === this.#head.start && this.#afterEmpty));
    return jumps && prevAt === this.#lastAt;
  }
}
