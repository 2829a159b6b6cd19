import { describe, expect, it } from 'vitest';
import { bodyJson } from '../support/http.ts';
import { BOMBS } from './bombs/bombs.ts';
import { detonate } from './bombs/detonate.ts';

// An eighth of the largest: `npm run fuzz -- --bombs` measures them at full size.
const BYTES = 480 * 1024;

describe('a bomb', () => {
  it.each(BOMBS)('of $name wakes nobody: it is refused, or accepted and refused action by action (P11, P12)', async (bomb) => {
    const { world, first, again } = await detonate(bomb, BYTES);
    for (const { statusCode, body = '' } of [first, again]) {
      expect(statusCode, body.slice(0, 500)).toBeLessThan(500);
    }
    expect(world.report.alarms()).toEqual([]);
    if (first.statusCode !== 202) {
      expect(again).toMatchObject({ statusCode: first.statusCode });
      expect(world.ports.inbox.rows().headers).toEqual([]);
      return;
    }
    const { results } = bodyJson<{ results: { status: string }[] }>(again);
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['rejected']));
  });
});
