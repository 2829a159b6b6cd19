import { afterEach, beforeEach, vi } from 'vitest';

/** Takes what each test of this file or block writes to stdout and stderr, instead of showing it. */
export function takeOutput(): { written: string[]; lines: () => Record<string, unknown>[] } {
  const written: string[] = [];
  beforeEach(() => {
    written.length = 0;
    for (const stream of [process.stdout, process.stderr]) {
      vi.spyOn(stream, 'write').mockImplementation((chunk) => written.push(String(chunk)) > 0);
    }
  });
  afterEach(() => vi.restoreAllMocks());
  return {
    written,
    /** Each a line of JSON, as functions log. */
    lines: () => written.join('').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}
