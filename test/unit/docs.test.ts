import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemIds } from '../../src/adapters/system/ids.ts';
import { ROUTES } from '../../src/http/routes.ts';
import { ADMIN_QUERIES } from '../../src/protocol/admin.ts';
import { resetReason } from '../../src/protocol/download.ts';
import { ERROR_CODES, REJECTION_CODES } from '../../src/protocol/error-codes.ts';
import { LIMITS } from '../../src/protocol/limits.ts';
import { conflictKind, resolution, strategy } from '../../src/protocol/primitives.ts';
import { syncHealth } from '../../src/protocol/status.ts';
import { actionStatus } from '../../src/protocol/upload.ts';
import { anchorsOf, checkedBlock, document, documents, linksOf, ROOT, tableUnder } from '../support/documents.ts';

const PAGES = documents();
const PROTOCOL = document('docs/protocol.md');
const ERRORS = document('docs/errors.md');
const PROPERTIES = document('docs/properties.md');
/** The example of a domain of one's own is a file that the reader makes. */
const MADE_BY_READERS = new Set(['src/domain/meter.ts']);

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

describe('the documentation', () => {
  it('links only to files and headings that exist', () => {
    const broken = PAGES.flatMap((page) =>
      linksOf(page)
        .filter(({ target, heading }) => {
          if (!existsSync(join(ROOT, target))) return true;
          return heading !== undefined && !anchorsOf(document(target)).includes(heading);
        })
        .map(({ target, heading }) => `${page.path}: ${target}#${heading ?? ''}`),
    );
    expect(broken).toEqual([]);
  });

  it('names only npm scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = PAGES.flatMap(({ path, text }) =>
      [...text.matchAll(/npm (?:run (?:--silent )?([\w:-]+)|(start|test)\b)/g)].map(([, run, own]) => ({ path, script: run ?? own ?? '' })),
    );
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter(({ script }) => !Object.hasOwn(scripts, script))).toEqual([]);
  });

  it('names only source files and folders that exist', () => {
    const named = PAGES.flatMap(({ path, text }) =>
      [...text.matchAll(/`((?:src|lib|bin|functions|local|bench|tools|test|docs|client|examples)\/[\w./-]*)`/g)].map(([, file = '']) => ({ path, file })),
    );
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter(({ file }) => !MADE_BY_READERS.has(file) && !existsSync(join(ROOT, file)))).toEqual([]);
  });

  it('has the pages and sections that comments of the code cite', () => {
    const sections = document('docs/design.md').text.match(/^#{2,3} .+$/gm) ?? [];
    const exists = (number: string, name: string) =>
      sections.some((title) => (name === '' ? title.startsWith(`## ${number}. `) : title === `### ${name}`));
    const cited = globSync('{src,lib,local,functions,test,client/src,client/stores,client/adapters}/**/*.ts', { cwd: ROOT }).flatMap((file) => {
      const text = read(file);
      const pages = [...text.matchAll(/[ (](\w+\.md)\b/g)].map(([, page = '']) => ({ file, cites: page, found: [join('docs', page), page].some((path) => existsSync(join(ROOT, path))) }));
      const designs = [...text.matchAll(/design (\d)(?:, ([A-Z][a-z]+(?: letters)?)\b)?/g)].map(([cites, number = '', name = '']) => ({ file, cites, found: exists(number, name) }));
      return [...pages, ...designs];
    });
    expect(cited.length).toBeGreaterThan(50);
    expect(cited.filter(({ found }) => !found)).toEqual([]);
  });

  it('explains every metric that the code writes, and says how many streams are paid for', () => {
    const code = globSync('src/**/*.ts', { cwd: ROOT }).map(read).join('\n');
    const calls = [...code.matchAll(/report\.(?:count|measure)\(([^;]*?)(?:, [^;]*)?\)(?:;|$| :)/gm)].map(([, argument = '']) => argument);
    const plain = calls.flatMap((argument) => [...argument.matchAll(/'([a-z_]+)'/g)].map(([, name = '']) => name));
    // Names that are put together, and of what.
    const families: Record<string, readonly string[]> = {
      '`actions_${outcome.status}`': ['success', 'conflict', 'rejected'].map((status) => `actions_${status}`),
      '`${kind}_units`': ['read_units', 'write_units'],
      '`pokes_${what}`': [...(/const counts = \{([^}]*)\}/.exec(read('src/service/live/poke.ts'))?.[1] ?? '').matchAll(/(\w+): 0/g)].map(([, what = '']) => `pokes_${what}`),
    };
    const made = calls.filter((argument) => argument.startsWith('`'));
    expect(made.toSorted()).toEqual(Object.keys(families).toSorted());
    const written = [...new Set([...plain, ...Object.values(families).flat()])].sort();
    const page = document('docs/operations.md').text;
    expect(written.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
    const functions = globSync('functions/*.ts', { cwd: ROOT }).length;
    const [, streams, alarming, most] = /That makes (\d+) streams, and one for each of the (\d+) functions .* at most (\d+),/.exec(page) ?? [];
    expect([streams, alarming, most].map(Number)).toEqual([written.length, functions, written.length + functions]);
  });

  it('pins every action of the example workflow by the full hash of a commit', () => {
    const uses = [...read('docs/deploy-workflow.yml').matchAll(/uses: (\S+)(.*)/g)].map(([, action = '', note = '']) => `${action}${note}`);
    expect(uses.length).toBeGreaterThan(4);
    expect(uses.filter((action) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action))).toEqual([]);
  });

  it('says of every error code its status, cause and remedy', () => {
    const rows = tableUnder(ERRORS, 'Codes of answers');
    expect(rows.map(([code, status]) => [code, Number(status)])).toEqual(
      Object.entries(ERROR_CODES).map(([code, { status }]) => [code, status]),
    );
    expect(rows.filter((cells) => cells.length !== 4 || cells.includes(''))).toEqual([]);
  });

  it('says of every refusal of an action its cause and remedy', () => {
    const rows = tableUnder(ERRORS, 'Rejected actions');
    expect(rows.map(([code]) => code)).toEqual([...REJECTION_CODES]);
    expect(rows.filter((cells) => cells.length !== 3 || cells.includes(''))).toEqual([]);
  });

  it('names every code of a fault that the code itself gives', () => {
    const given = globSync('src/**/*.ts', { cwd: ROOT }).flatMap((file) =>
      [...read(file).matchAll(/fault\((?:[^,()]+, )?'(\w+)'|pointer\b.*\bcode: '(\w+)'/g)].map(([, fault, code]) => fault ?? code ?? ''),
    );
    expect(new Set(given).size).toBeGreaterThan(12);
    expect([...new Set(given)].filter((code) => !ERRORS.text.includes(`\`${code}\``))).toEqual([]);
  });

  it('gives the limits that are enforced', () => {
    const told = Object.fromEntries(tableUnder(PROTOCOL, 'Limits').map(([, value, name]) => [name, value]));
    const enforced = Object.entries(LIMITS).map(([name, value]) => [name, name.endsWith('Bytes') ? inBytes(value) : String(value)]);
    expect(told).toEqual(Object.fromEntries(enforced));
  });

  it('lists the routes that are served, and describes each', () => {
    const served = Object.values(ROUTES).flat();
    const listed = tableUnder(PROTOCOL, 'HTTP API, version 1').map(([cell = '']) => /\[(.*)\]/.exec(cell)?.[1]);
    expect(listed.toSorted()).toEqual(served.toSorted());
    for (const route of served) expect(PROTOCOL.text).toContain(`\n## ${route}\n`);
  });

  it('explains every query of admins', () => {
    const explained = tableUnder(PROTOCOL, 'POST /api/v1/admin/query').map(([query]) => query);
    expect(explained.toSorted()).toEqual([...ADMIN_QUERIES].sort());
  });

  it('explains every word that an answer can hold', () => {
    const words = [resetReason, conflictKind, strategy, resolution, actionStatus, syncHealth].flatMap(({ options }) => options as string[]);
    expect(words.filter((word) => !PROTOCOL.text.includes(`\`${word}\``))).toEqual([]);
  });

  it('tells what to do about every alarm that the code raises', () => {
    const raised = globSync('src/**/*.ts', { cwd: ROOT }).flatMap((file) =>
      [...read(file).matchAll(/\.alarm\('(\w+)'/g)].map(([, event = '']) => event),
    );
    const told = document('docs/runbook.md').text;
    expect(raised.length).toBeGreaterThan(5);
    expect(raised.filter((event) => !told.includes(`\`${event}\``))).toEqual([]);
  });

  it('makes the hash by which a log names someone', () => {
    const command = /^printf %s alice .*\| tr -d =/m.exec(document('docs/runbook.md').text)?.[0] ?? 'false';
    expect(execFileSync('bash', ['-euo', 'pipefail', '-c', command], { encoding: 'utf8' }).trim()).toBe(systemIds.hash('alice'));
  });

  it('names for every property tests that cite it', () => {
    const rows = tableUnder(PROPERTIES, 'Tests');
    const ids = [...PROPERTIES.text.matchAll(/^## (P\d+): /gm)].map(([, id = '']) => id);
    expect(ids).toHaveLength(14);
    expect(rows.map(([id]) => id)).toEqual(ids);
    for (const [id = '', files = ''] of rows) {
      const named = files.split(', ').filter((file) => file !== '');
      expect(named, id).not.toEqual([]);
      for (const file of named) expect(read(file), `${file} on ${id}`).toMatch(new RegExp(`\\b${id}\\b`));
    }
  });

  it('shows the data layer of an app that is tested as it stands', () => {
    expect(checkedBlock(document('docs/mobile.md'), 'data')).toBe(read('examples/reports/data.ts'));
  });

  it('shows a domain of one’s own that is tested as it stands', () => {
    const tested = read('test/support/meter.ts').replaceAll('../../src/engine/', '../engine/').replaceAll('../../src/domain/', './');
    expect(checkedBlock(document('README.md'), 'meter')).toBe(tested);
  });
});

function inBytes(value: number): string {
  return value % 2 ** 20 === 0 ? `${value / 2 ** 20} MiB` : `${value / 2 ** 10} KiB`;
}
