// As much of Vitest as the contract of stores needs, to run it in a browser's page.

type Step = () => unknown;

const tests: { name: string; body: Step }[] = [];
const before: Step[] = [];
const after: Step[] = [];

export function describe(_name: string, body: () => void): void {
  body();
}

export function it(name: string, body: Step): void {
  tests.push({ name, body });
}

export function beforeEach(body: Step): void {
  before.push(body);
}

export function afterEach(body: Step): void {
  after.push(body);
}

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

function matchers(actual: unknown) {
  const text = JSON.stringify(actual);
  return {
    toEqual: (expected: unknown) => check(text === JSON.stringify(expected), `${text} is not ${JSON.stringify(expected)}`),
    toBe: (expected: unknown) => check(Object.is(actual, expected), `${text} is not ${String(expected)}`),
    toBeUndefined: () => check(actual === undefined, `${text} is not undefined`),
    toHaveLength: (length: number) => check((actual as unknown[]).length === length, `${(actual as unknown[]).length} is not ${length}`),
  };
}

export function expect(actual: unknown) {
  return {
    ...matchers(actual),
    rejects: {
      async toThrow(message: string) {
        const error = await Promise.resolve(actual).then(() => undefined, (thrown: unknown) => thrown);
        check(error instanceof Error && error.message.includes(message), `it did not fail with ${message} but ${String(error)}`);
      },
    },
  };
}

expect.poll = (read: () => unknown) => ({
  async toBe(expected: unknown) {
    for (let i = 0; i < 200 && read() !== expected; i++) await new Promise((resolve) => setTimeout(resolve, 10));
    matchers(read()).toBe(expected);
  },
});

/** Runs what was described; the name of each test with what went wrong, or nothing. */
export async function runAll(): Promise<Record<string, string | null>> {
  const results: Record<string, string | null> = {};
  for (const { name, body } of tests) {
    try {
      for (const step of before) await step();
      await body();
      results[name] = null;
    } catch (error) {
      results[name] = String(error);
    } finally {
      for (const step of after) await step();
    }
  }
  return results;
}
