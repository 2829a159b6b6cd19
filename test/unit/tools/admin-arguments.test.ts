import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { argumentsOf } from '../../../tools/admin/arguments.ts';
import { ID_PATTERN } from '../../../src/protocol/primitives.ts';

const OPTIONS = ['strategy', 'device', 'yes'] as const;
const typed = (...args: string[]) => argumentsOf('resolve', args, { options: OPTIONS, dashes: true });

describe('arguments of npm run admin', () => {
  it('are options, with and without an equals sign, and names in their order, wherever they stand', () => {
    expect(typed('b', '--strategy', 'merge', 'a', '--yes', '--url=http://x?a=b', 'c')).toEqual({
      values: { strategy: 'merge', yes: true, url: 'http://x?a=b' }, positionals: ['b', 'a', 'c'],
    });
    expect(typed('-h').values).toEqual({ help: true });
    expect(typed('--yes', '--', '-h', '--yes')).toEqual({ values: { yes: true }, positionals: ['-h', '--yes'] });
  });

  it('may be ids that begin with a dash, as every 64th conflict has one', () => {
    const id = fc.stringMatching(ID_PATTERN).filter((text) => !text.startsWith('--'));
    fc.assert(fc.property(id.filter((text) => text !== '-h'), id, (name, device) => {
      expect(typed(name, '--device', device, '--yes')).toEqual({ values: { device, yes: true }, positionals: [name] });
      expect(typed(`--device=--${device}`, '--', `--${name}`)).toEqual({ values: { device: `--${device}` }, positionals: [`--${name}`] });
    }));
    expect(typed('-4Zk', '-4Zm').positionals).toEqual(['-4Zk', '-4Zm']);
  });

  it('are no ids with a dash where there are none: `discard b -stage prod` must not discard elsewhere', () => {
    const discard = (...args: string[]) => argumentsOf('discard', args, { options: OPTIONS });
    expect(() => discard('b', '-stage', 'prod')).toThrow("Unknown option '-s'. See: npm run admin -- discard --help");
    expect(discard('b', '--device', '-x', '--', '-y')).toEqual({ values: { device: '-x' }, positionals: ['b', '-y'] });
  });

  it('say in one line what is wrong with them', () => {
    const wrong: [args: string[], words: string][] = [
      [['--stratgy', 'merge'], "Unknown option '--stratgy'"],
      [['x', '--device'], '--device needs a value'],
      [['--device', '--yes'], '--device needs a value'],
      [['--yes=1'], "Option '--yes' does not take an argument"],
      [['--constructor', 'x'], "Unknown option '--constructor'"],
    ];
    for (const [args, words] of wrong) expect(() => typed(...args)).toThrow(`${words}. See: npm run admin -- resolve --help`);
  });
});
