// In a process of its own, with a function's environment: invokes it with events and says how much memory it took at
// most, of all kinds, in MB. The first argument names a file {bundle, events}.
const { readFileSync } = require('node:fs');

const { bundle, events } = JSON.parse(readFileSync(process.argv[2], 'utf8'));

async function main() {
  const { handler } = require(bundle);
  const statuses = [];
  for (const event of events) {
    const { statusCode } = await handler(event, { awsRequestId: 'probe', getRemainingTimeInMillis: () => 29_000 });
    statuses.push(statusCode);
  }
  process.stderr.write(JSON.stringify({ statuses, megabytes: process.resourceUsage().maxRSS / 1024 }));
  process.exit(0);
}

void main();
