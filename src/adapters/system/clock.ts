import { setTimeout } from 'node:timers/promises';
import type { Clock } from '../../service/ports/clock.ts';

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(ms) {
    await setTimeout(ms);
  },
};
