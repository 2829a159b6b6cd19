// In a process of its own: how long a function's code takes to load, ms, by the clock and of the processor. Plain
// CommonJS, like the bundles, and nothing is loaded before the clock runs.
const cpu = process.cpuUsage();
const begun = performance.now();
require(process.argv[2]);
const { user, system } = process.cpuUsage(cpu);
process.stdout.write(`${performance.now() - begun} ${(user + system) / 1000}`);
process.exit(0);
