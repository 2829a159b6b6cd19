import { spawnSync } from 'node:child_process';
import { readAudit } from './audit.ts';
import { licenceList, refusedLicences } from './licences.ts';
import { ROOT, runtimePackages } from './lockfile.ts';

// `npm run supply-chain`: licences and known vulnerabilities of what a deployment carries. Without an answer of the registry
// the second part is skipped, and says so: a build must not fail because a network is absent.

const TIMEOUT_MS = 60_000;

const packages = runtimePackages();
const refused = refusedLicences(packages);
console.log(`${packages.length} packages at runtime, by licence:`);
for (const line of licenceList(packages)) console.log(`  ${line}`);
for (const line of refused) console.log(`NOT ALLOWED: ${line}`);

const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { cwd: ROOT, encoding: 'utf8', timeout: TIMEOUT_MS });
const audit = readAudit(stdout ?? '');
if (audit.kind === 'no answer') console.log(`audit SKIPPED, nothing was checked: ${audit.reason}`);
else {
  for (const line of audit.lines) console.log(line);
  console.log(`audit: ${audit.lines.length} vulnerabilities, ${audit.serious} of them high or critical`);
}
process.exitCode = refused.length > 0 || (audit.kind === 'answered' && audit.serious > 0) ? 1 : 0;
