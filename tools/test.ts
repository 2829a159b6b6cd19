import { startVitest, type TestModule, type Vitest } from 'vitest/node';

// `npm test`: runs Vitest and ends with one line of its own, which says what really happened. Arguments choose files.

type Tally = { passed: number; failed: number };

/** Counts tests; a file that could not be loaded, or an error outside of any test, is a failure too. */
function tallyOf(vitest: Vitest): Tally {
  const tally = { passed: 0, failed: vitest.state.getUnhandledErrors().length };
  for (const module of vitest.state.getTestModules()) {
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed') tally.passed += 1;
      // A test that never ran to its end has no result that could be called good.
      else if (state !== 'skipped') tally.failed += 1;
    }
    tally.failed += brokenSuites(module);
  }
  return tally;
}

function brokenSuites(module: TestModule): number {
  const suites = [...module.children.allSuites()].filter((suite) => suite.errors().length > 0);
  return suites.length + (module.errors().length > 0 ? 1 : 0);
}

async function run(filters: string[]): Promise<Tally> {
  const vitest = await startVitest('test', filters, { watch: false });
  const tally = tallyOf(vitest);
  const before = process.exitCode;
  process.exitCode = 0;
  // What is set up for all tests is taken down here, and may fail as well.
  await vitest.close();
  if (process.exitCode !== 0) tally.failed += 1;
  if (before !== undefined && before !== 0 && tally.failed === 0) tally.failed += 1;
  return tally;
}

const tally = await run(process.argv.slice(2)).catch((error: unknown): Tally => {
  console.error(error);
  return { passed: 0, failed: 1 };
});
if (tally.passed + tally.failed === 0) console.error('no test was run');
console.log(`tests: ${tally.passed} passed, ${tally.failed} failed`);
process.exit(tally.failed === 0 && tally.passed > 0 ? 0 : 1);
