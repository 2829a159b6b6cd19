import type { Op, Scenario } from '../scenario/scenario.ts';
import type { Shrunk } from './shrink.ts';

/** A failing run for people: what broke, what it takes, and what happened, step by step. */
export function tell(seed: number, { scenario, options, result, tries }: Shrunk): string {
  const { failure, lines, happened } = result;
  return [
    `Seed ${seed} breaks ${failure?.property} (${failure?.check}): ${failure?.detail}`,
    '',
    `Its shrunk form, after ${tries} runs:`,
    ...storyOf(scenario),
    happened.size === 0 ? '  no faults' : `  faults: ${[...happened].map(([step, fault]) => `${fault} ${step}`).join('; ')}`,
    ...(options.spared?.size ? [`  ${options.spared.size} other faults do not matter`] : []),
    '',
    'What happened:',
    ...lines,
    '',
    `${failure?.property}: ${failure?.detail}`,
  ].join('\n');
}

function storyOf({ devices, acts, skewMs }: Scenario): string[] {
  return [
    ...devices.map((device) => `  ${JSON.stringify(device)}`),
    ...(skewMs > 0 ? [`  clocks of functions differ by up to ${skewMs} ms`] : []),
    ...acts.flatMap(({ ops, rates, outages, poison, then }) => [
      ...ops.map(opText),
      `  rates ${JSON.stringify(rates)}${outages.length > 0 ? `, outages ${JSON.stringify(outages)}` : ''}${poison ? `, poison ${poison.how}` : ''}`,
      `  then: ${then}`,
    ]),
  ];
}

function opText(op: Op): string {
  return `  ${(op.at / 1000).toFixed(3).padStart(9)} s  ${'device' in op ? `${op.device} ${JSON.stringify(op.op)}` : `admin ${JSON.stringify(op.admin)}`}`;
}
