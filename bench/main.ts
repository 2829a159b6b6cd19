import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { StartProblem } from '../local/start-problem.ts';
import { missed, toRow, type Figure, type Progress, type Report } from './report/figure.ts';
import { figureTable, tableText } from './report/print.ts';
import { bundles } from './sections/bundles.ts';
import { coldStart } from './sections/cold-start.ts';
import { cpu } from './sections/cpu.ts';
import { growth } from './sections/growth.ts';
import { live } from './sections/live.ts';
import { memory } from './sections/memory.ts';
import { peers } from './sections/peers.ts';
import { throughput } from './sections/throughput.ts';
import { units } from './sections/units.ts';

type Section = { readonly about: string; readonly run: (progress: Progress) => Promise<Report> };

const SECTIONS: Readonly<Record<string, Section>> = {
  units: { about: 'request units, calls and price per action: exact', run: units },
  bundles: { about: 'size of every function: exact', run: bundles },
  growth: { about: 'the same units in scopes of 10 to 100,000 records: exact', run: growth },
  coldstart: { about: 'time to load every function, in fresh processes', run: coldStart },
  throughput: { about: 'actions per second, latencies and lag on this machine', run: throughput },
  live: { about: 'pokes: who hears of an upload and when, and what it costs', run: live },
  cpu: { about: 'processor time of our own code', run: cpu },
  memory: { about: 'memory of the largest requests', run: memory },
};

/** Only when asked for: it needs what is not among the dependencies. */
const PEERS: Section = { about: 'the same work on other sync engines: ratios (`--peers`; bench/peers/README.md)', run: peers };

const HELP = `Counts and measures what Fieldsync costs, on a local stack with the bundles that are deployed.

  npm run bench                              everything
  npm run bench -- --only units,bundles      some of it
  npm run bench -- --peers                   everything, and other sync engines beside it
  npm run bench -- --json figures.json       also as rows {name, value, unit, goal}

${Object.entries({ ...SECTIONS, peers: PEERS }).map(([name, { about }]) => `  ${name.padEnd(12)}${about}`).join('\n')}

Ends with 1 if a counted figure is above its goal. Times depend on the machine and its mood: they miss nothing.
`;

/** `npm run bench`. */
export async function main(args: string[]): Promise<void> {
  const { only, json, help } = flags(args);
  if (help) {
    process.stdout.write(HELP);
    return;
  }
  const figures: Figure[] = [];
  for (const name of only) {
    const begun = performance.now();
    const seconds = () => `${((performance.now() - begun) / 1000).toFixed(1)} s`;
    const report = await (name === 'peers' ? PEERS : SECTIONS[name])?.run((what) => void process.stderr.write(`${name}: ${what} (${seconds()})\n`));
    if (!report) continue;
    figures.push(...report.figures);
    const shown = report.figures.filter(({ name: figure }) => !figure.includes('.'));
    for (const table of [...report.tables, figureTable(`${name}: figures`, shown)]) console.log(`\n${tableText(table)}`);
    for (const note of report.notes ?? []) console.log(`\n${note}`);
  }
  if (json !== undefined) await writeFile(json, `${JSON.stringify(figures.map(toRow), null, 2)}\n`);
  const late = missed(figures);
  console.log(late.length === 0
    ? '\nEvery counted figure is within its goal.'
    : `\nABOVE ITS GOAL: ${late.map(({ name, value, goal }) => `${name} ${value.toFixed(2)} > ${goal}`).join(', ')}`);
  process.exitCode = late.length === 0 ? 0 : 1;
}

function flags(args: string[]): { only: string[]; json: string | undefined; help: boolean } {
  const all = Object.keys(SECTIONS);
  let values;
  try {
    ({ values } = parseArgs({ args, options: { only: { type: 'string' }, json: { type: 'string' }, peers: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } }));
  } catch (error) {
    throw new StartProblem(`${(error as Error).message.split('. ')[0]}. See: npm run bench -- --help`);
  }
  const known = [...all, 'peers'];
  const asked = values.only?.split(',').map((name) => name.trim()) ?? all;
  const unknown = asked.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new StartProblem(`There is no ${unknown.join(', ')}. There are: ${known.join(', ')}.`);
  const only = values.peers && !asked.includes('peers') ? [...asked, 'peers'] : asked;
  return { only, json: values.json, help: values.help ?? false };
}
