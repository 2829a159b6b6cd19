import { CHANGES, LISTINGS, OPTIONS } from './commands.ts';

function lines(entries: readonly (readonly [string, string])[]): string {
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries.map(([name, about]) => `  ${name.padEnd(width)}  ${about}`).join('\n');
}

const COMMON = lines([
  ['--json', 'one line of JSON per row, for pipes'],
  ['--stage prod', 'the deployed functions of that stage, with AWS credentials and region from the surroundings'],
  ['--url <url> --token <jwt>', 'an API with an admin’s token (or FIELDSYNC_TOKEN)'],
  ['--help', 'of a command: its options'],
  ['--', 'before an id that begins with two dashes, behind all options; as a value it is typed --id=--x'],
]);

export const HELP = `What admins and ops ask and do. Without --stage or --url it is the local stack that runs on PORT (default 3000).

  npm run --silent admin -- overview
  npm run --silent admin -- failed --user alice
  npm run --silent admin -- redrive --all --yes
  npm run --silent admin -- conflicts --every --json | jq .id

${lines([
  ...Object.entries(LISTINGS).map(([name, { about }]) => [name, about] as const),
  ...Object.entries(CHANGES).map(([, { usage, about }]) => [usage, about] as const),
  ['verify …', 'whether logs are whole and views agree (npm run verify -- --help)'],
])}

${COMMON}

Ends with 0 when it was done, 1 when it was refused, 2 when it was typed wrongly or needs --yes, 3 when nobody answered.`;

export function helpFor(name: string): string {
  const { about, options } = LISTINGS[name] ?? CHANGES[name] ?? { about: '', options: [] };
  const needs = LISTINGS[name]?.needs ?? [];
  const usage = CHANGES[name]?.usage ?? [name, ...needs.map((option) => `--${option} …`)].join(' ');
  const known = options.map((option) => [`--${option}${OPTIONS[option].type === 'string' ? ' …' : ''}`, OPTIONS[option].help] as const);
  return [`npm run --silent admin -- ${usage}: ${about}`, known.length > 0 ? lines(known) : '', COMMON].filter((part) => part !== '').join('\n\n');
}
