import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { CycleEnd } from '../../client/src/cycle.ts';
import type { Halt } from '../../client/src/http.ts';
import { Loop } from '../../client/src/loop.ts';
import type { Timers } from '../../client/src/network.ts';
import { pauseAfter, PAUSES } from '../../client/src/pauses.ts';

const GOOD: CycleEnd = { ok: true, queued: false };
const halted = (halt: Halt, retryAfterMs?: number): CycleEnd => ({ ok: false, halt, detail: '', ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });

/** Timers that a test fires. */
class HeldTimers implements Timers {
  planned: { ms: number; callback: () => void } | undefined;

  set(ms: number, callback: () => void): () => void {
    const timer = { ms, callback };
    this.planned = timer;
    return () => {
      if (this.planned === timer) this.planned = undefined;
    };
  }

  fire(): void {
    const timer = this.planned;
    this.planned = undefined;
    timer?.callback();
  }
}

let timers: HeldTimers;
let ends: CycleEnd[];
let runs: number;
let loop: Loop;

function newLoop(auto = true): Loop {
  const run = async () => {
    runs++;
    return ends.shift() ?? GOOD;
  };
  return new Loop({ run, timers, random: () => 1, intervalMs: 300_000, auto, ended: () => {} });
}

beforeEach(() => {
  timers = new HeldTimers();
  ends = [];
  runs = 0;
  loop = newLoop();
});

describe('the loop', () => {
  it('syncs at the start and then at intervals', async () => {
    loop.wake();
    await loop.now();
    expect(runs).toBe(2);
    expect(timers.planned?.ms).toBe(300_000);
    timers.fire();
    expect(runs).toBe(3);
  });

  it('waits a moment after an edit, so that more may go along', async () => {
    loop.soon();
    loop.soon();
    expect([runs, timers.planned?.ms]).toEqual([0, PAUSES.editMs]);
  });

  it('syncs at once for a poke, and once more for all that come meanwhile', async () => {
    const running = loop.now();
    for (let i = 0; i < 10; i++) loop.poked();
    await running;
    await loop.now();
    expect(runs).toBe(3);
  });

  it('does not let a poke shorten the pause after a failure, nor wake it where there is no network', async () => {
    ends = [halted('server', 60_000)];
    await loop.now();
    loop.poked();
    expect([runs, timers.planned?.ms]).toEqual([1, 60_000]);
    await loop.now();
    loop.rest();
    loop.poked();
    expect(runs).toBe(2);
  });

  it('sends an edit that came while a cycle ran soon after it, not at the next interval', async () => {
    const running = loop.now();
    loop.soon();
    await running;
    expect(timers.planned?.ms).toBe(PAUSES.editMs);
  });

  it('does not let edits shorten the pause after a failure, but the network’s return does', async () => {
    ends = [halted('offline'), halted('offline')];
    await loop.now();
    await loop.now();
    expect(timers.planned?.ms).toBe(2000);
    loop.soon();
    expect(timers.planned?.ms).toBe(2000);
    loop.wake();
    expect(runs).toBe(3);
  });

  it('rests while there is no network', async () => {
    await loop.now();
    loop.rest();
    loop.soon();
    expect(timers.planned).toBeUndefined();
  });

  it('runs one cycle at a time, and one whole one after whoever asks', async () => {
    let release = () => {};
    let running = 0;
    let most = 0;
    let n = 0;
    const run = async () => {
      most = Math.max(most, ++running);
      n++;
      await new Promise<void>((resolve) => (release = resolve));
      running--;
      return GOOD;
    };
    loop = new Loop({ run, timers, random: () => 1, intervalMs: 0, auto: true, ended: () => {} });
    const first = loop.now();
    const others = [loop.now(), loop.now(), loop.now()];
    release();
    await first;
    await Promise.resolve();
    await expect.poll(() => n).toBe(2);
    release();
    await Promise.all(others);
    expect([n, most]).toEqual([2, 1]);
  });

  it('does nothing by itself when it is run by hand, and nothing at all when it is stopped', async () => {
    loop = newLoop(false);
    loop.wake();
    loop.soon();
    expect([runs, timers.planned]).toEqual([0, undefined]);
    await loop.stop();
    await expect(loop.now()).rejects.toThrow('closed');
  });
});

describe('the pause after a cycle', () => {
  const halts: Halt[] = ['offline', 'server', 'signed_out', 'forbidden', 'other_user', 'refused', 'overtaken'];

  it('is never shorter than the server’s Retry-After, never a busy loop, and bounded otherwise', () => {
    fc.assert(
      fc.property(fc.constantFrom(...halts), fc.nat(40), fc.nat(200_000), fc.double({ min: 0, max: 1, noNaN: true }), (halt, failures, retryAfterMs, random) => {
        const pause = pauseAfter(halted(halt, retryAfterMs), failures, 0, 300_000, random) ?? 0;
        expect(pause).toBeGreaterThanOrEqual(PAUSES.firstRetryMs / 2);
        if (halt === 'offline' || halt === 'server' || halt === 'signed_out') expect(pause).toBeGreaterThanOrEqual(retryAfterMs);
        expect(pause).toBeLessThanOrEqual(Math.max(retryAfterMs, PAUSES.longestRetryMs));
      }),
    );
  });

  it('grows with every failure', () => {
    const pauses = [0, 1, 2, 3, 20].map((failures) => pauseAfter(halted('server'), failures, 0, 0, 1));
    expect(pauses).toEqual([1000, 2000, 4000, 8000, PAUSES.longestRetryMs]);
  });

  it('is short while the server works on actions', () => {
    expect([0, 1, 9].map((asks) => pauseAfter({ ok: true, queued: true }, 0, asks, 0, 1))).toEqual([2000, 4000, 60_000]);
  });

  it('is none without an interval', () => {
    expect(pauseAfter(GOOD, 0, 0, 0, 1)).toBeUndefined();
    expect(pauseAfter(halted('refused'), 0, 0, 0, 1)).toBeUndefined();
  });
});
