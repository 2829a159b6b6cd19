type Event = { at: number; seq: number; run: () => void };

/**
 * Virtual time: events by their time, ties in the order of their making. Between two events every microtask has run,
 * so that all that code does in one go happens between two events, and nothing else happens meanwhile.
 */
export class Scheduler {
  #now: number;
  #seq = 0;
  /** A binary heap. */
  readonly #events: Event[] = [];
  /** Events that have run. */
  steps = 0;

  constructor(now: number) {
    this.#now = now;
  }

  /** Virtual ms since 1970. */
  get now(): number {
    return this.#now;
  }

  /** Runs `run` when it is that time; never before what is going on now has come to rest. */
  at(time: number, run: () => void): void {
    this.#push({ at: Math.max(time, this.#now), seq: this.#seq++, run });
  }

  after(ms: number, run: () => void): void {
    this.at(this.#now + ms, run);
  }

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => this.after(Math.max(0, ms), wake));
  }

  /** Forgets all that is to come and moves on to that time. */
  leap(time: number): void {
    this.#events.length = 0;
    this.#now = Math.max(this.#now, time);
  }

  /** Runs events until `done` says so, asked between events, or none is left. Rejects with what an event throws. */
  run(done: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const turn = () => {
        try {
          const event = done() ? undefined : this.#pop();
          if (!event) return resolve();
          this.#now = event.at;
          this.steps++;
          event.run();
        } catch (error) {
          return reject(error as Error);
        }
        // A tick that is asked for in a microtask comes after the last microtask: 3 times cheaper than a macrotask.
        queueMicrotask(() => process.nextTick(turn));
      };
      queueMicrotask(() => process.nextTick(turn));
    });
  }

  #push(event: Event): void {
    const events = this.#events;
    let i = events.push(event) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const above = events[parent];
      if (!above || !before(event, above)) break;
      events[i] = above;
      i = parent;
    }
    events[i] = event;
  }

  #pop(): Event | undefined {
    const events = this.#events;
    const first = events[0];
    const last = events.pop();
    if (!first || !last || first === last) return first;
    let i = 0;
    for (;;) {
      const left = events[2 * i + 1];
      const right = events[2 * i + 2];
      const child = right && left && before(right, left) ? right : left;
      if (!child || !before(child, last)) break;
      events[i] = child;
      i = child === right ? 2 * i + 2 : 2 * i + 1;
    }
    events[i] = last;
    return first;
  }
}

function before(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.seq < b.seq);
}
