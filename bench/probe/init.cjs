// In a process of its own: how long a function's code takes to load, ms. Plain CommonJS, like the bundles, and nothing
// is loaded before the clock runs.
const begun = performance.now();
require(process.argv[2]);
process.stdout.write(String(performance.now() - begun));
process.exit(0);
