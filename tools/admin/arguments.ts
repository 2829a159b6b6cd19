import { parseArgs } from 'node:util';
import { OPTIONS, type Option } from './commands.ts';
import { misused } from './command-problem.ts';

/** What was typed behind a command's name: values of options by name, and the rest in its order. */
export type Arguments = { values: Record<string, string | boolean | undefined>; positionals: string[] };

const COMMON = {
  json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' }, stage: { type: 'string' }, url: { type: 'string' }, token: { type: 'string' },
} as const;

type Known = Record<string, { type: 'string' | 'boolean' }>;

/** What a command takes: options, and with `dashes` ids that begin with one. */
type Taken = { options: readonly Option[]; dashes?: true };

/**
 * Reads the arguments of a command. What begins with two dashes and is no option is typed as `--device=--x`, or behind a
 * lone `--`.
 * @throws CommandProblem for an option that it does not take, in one line.
 */
export function argumentsOf(name: string, args: readonly string[], { options, dashes }: Taken): Arguments {
  const known = { ...Object.fromEntries(options.map((option) => [option, { type: OPTIONS[option].type }])), ...COMMON };
  try {
    const { positionals, values } = parseArgs({ args: withDashes(args, known, dashes === true), allowPositionals: true, options: known });
    return { positionals, values };
  } catch (error) {
    const [what = ''] = (error as Error).message.split('. ');
    throw misused(`${what}. See: npm run admin -- ${name} --help`);
  }
}

/**
 * What follows an option that needs a value is its value, also with a dash. So may an id have one: every 64th of a
 * conflict does, and is typed as it was shown. For other commands one dash is a mistake (`-stage`).
 */
function withDashes(args: readonly string[], known: Known, dashes: boolean): string[] {
  const end = args.includes('--') ? args.indexOf('--') : args.length;
  const [options, ids]: [string[], string[]] = [[], []];
  for (let i = 0; i < end; i += 1) {
    const arg = args[i] ?? '';
    const value = args[i + 1];
    if (!arg.startsWith('-') || (dashes && /^-[^-]/.test(arg) && arg !== '-h')) ids.push(arg);
    else if (known[arg.slice(2)]?.type !== 'string') options.push(arg);
    else if (i + 1 === end || value?.startsWith('--')) throw new Error(`${arg} needs a value`);
    else {
      options.push(`${arg}=${value}`);
      i += 1;
    }
  }
  return [...options, '--', ...ids, ...args.slice(end + 1)];
}
