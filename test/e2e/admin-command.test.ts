import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import type { JsonObject } from '../../src/protocol/json.ts';
import { admin, citizen, tokenFor, type Person } from '../support/people.ts';

const COMMAND = fileURLToPath(new URL('../../tools/admin-command.js', import.meta.url));

type Ended = { code: number; out: string; err: string };

/** The command as it is typed. Over Lambda's own API, which the local stack has too, or over HTTP with a token. */
function command(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const { port, dataDir } = inject('stack');
  const own = { PATH: process.env['PATH'], PORT: String(port), FIELDSYNC_DATA_DIR: dataDir, ...env };
  return new Promise((resolve) => {
    execFile(process.execPath, [COMMAND, ...args], { env: own }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }));
  });
}

const overLambda = (...args: string[]) => command([...args, '--stage', 'dev'], {
  AWS_ENDPOINT_URL_LAMBDA: inject('stack').url, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local',
});

describe('npm run admin', { timeout: 60_000 }, () => {
  let alice: Person;
  let id: string;
  beforeAll(async () => {
    alice = await citizen();
    const [phone, tablet] = [alice.phone(), alice.phone()];
    id = phone.create('report', { title: 'Pot\u001bhole', category: 'roads' }).client_id;
    await phone.sync();
    await tablet.sync();
    for (const [device, title] of [[phone, 'Deep'], [tablet, 'Wide']] as const) {
      device.edit('report', id, { title });
      await device.push();
    }
  });

  it('says what there is, and of each command what it takes', async () => {
    const help = await command(['--help']);
    expect(help.code).toBe(0);
    for (const name of ['overview', 'pending', 'failed', 'conflicts', 'activity', 'device', 'user', 'history', 'usage', 'action', 'redrive', 'discard', 'resolve', 'verify', 'erase']) {
      expect(help.out).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
    }
    expect((await command(['history', '--help'])).out).toContain('--type');
  });

  it('shows tables for people, and lines of JSON for pipes', async () => {
    const shown = await command(['user', '--user', alice.sub]);
    expect(shown).toMatchObject({ code: 0, err: '' });
    const [head = '', rule = '', ...rows] = shown.out.trimEnd().split('\n');
    expect(head).toMatch(/^done at +device id +action type +entity type/);
    expect(rule).toMatch(/^-+( +-+)+$/);
    expect(rows).toHaveLength(3);
    const lines = (await command(['history', '--type', 'report', '--id', id, '--user', alice.sub, '--json'])).out.trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as JsonObject)['change'])).toEqual(['created', 'updated', 'none']);
    // What users wrote reaches no terminal as it is.
    const history = (await command(['history', '--type', 'report', '--id', id, '--user', alice.sub])).out;
    expect(history).toContain('Deep');
    expect(history).not.toContain('\u001b');
  });

  it('pages on until the end when asked to, and else says how', async () => {
    const first = await command(['user', '--user', alice.sub, '--limit', '2', '--json']);
    expect(first.out.trimEnd().split('\n')).toHaveLength(2);
    const cursor = /--cursor (\S+)/.exec(first.err)?.[1] ?? '';
    const second = await command(['user', '--user', alice.sub, '--limit', '2', '--cursor', cursor, '--json']);
    const every = await command(['user', '--user', alice.sub, '--limit', '2', '--every', '--json']);
    expect(every.out).toBe(first.out + second.out);
    expect(every.err).toBe('');
  });

  it('answers the same by invoking the function as over HTTP with a token', async () => {
    const root = await admin();
    const token = await tokenFor({ sub: root.sub, role: 'admin' });
    for (const args of [['conflicts', '--user', alice.sub], ['action', '--user', alice.sub, '--id', id]]) {
      const direct = await overLambda(...args, '--json');
      expect(direct).toMatchObject({ code: 0 });
      expect(direct.out.length).toBeGreaterThan(2);
      expect((await command([...args, '--json', '--url', inject('stack').url, '--token', token])).out).toBe(direct.out);
    }
    const refused = { code: 1, out: '', err: expect.stringContaining('validation_failed') as string };
    const wrong = ['history', '--type', 'report', '--id', id];
    expect(await overLambda(...wrong)).toEqual(refused);
    expect(await command(wrong)).toEqual(refused);
  });

  it('asks again before it redrives all or discards', async () => {
    for (const ended of await Promise.all([['redrive', '--all'], ['discard', '--all'], ['discard', 'some']].map((args) => command(args)))) {
      expect(ended).toMatchObject({ code: 2, out: '', err: expect.stringContaining('--yes') as string });
    }
    expect(await command(['redrive', 'none'])).toMatchObject({ code: 0, out: '0 redriven, 0 discarded\n' });
    expect(await overLambda('redrive', '--all', '--yes', '--json')).toMatchObject({ code: 0, out: '{"success":true,"redriven":0,"discarded":0}\n' });
  });

  it('resolves a conflict, directly too, and tells of one that is not there', async () => {
    const [conflict] = await alice.api.conflicts();
    expect(await overLambda('resolve', 'none')).toMatchObject({ code: 1, err: expect.stringContaining('not_found') as string });
    const manual = ['resolve', conflict?.id ?? '', '--strategy', 'manual', '--data', '{"title":"Deep and wide"}'];
    const resolved = await overLambda(...manual, '--json');
    expect(resolved).toMatchObject({ code: 0 });
    expect(JSON.parse(resolved.out)).toMatchObject({ conflict: { status: 'resolved', resolved_by: '~ops' }, record: { title: 'Deep and wide' } });
    expect(await command(['resolve', conflict?.id ?? ''])).toMatchObject({ code: 1, err: expect.stringContaining('already_resolved') as string });
  });

  it('erases a person: first says what that means, then does it', async () => {
    const zoe = await citizen('zoe');
    const phone = zoe.phone();
    const report = phone.create('report', { title: 'Zinnia', category: 'roads' }).client_id;
    await phone.sync();
    const told = await command(['erase', '--user', zoe.sub, '--json']);
    expect(told).toMatchObject({ code: 2, err: expect.stringContaining('--yes') as string });
    expect(JSON.parse(told.out)).toMatchObject({ user: zoe.sub, records: 1, outcomes: 1, devices: 1 });
    expect((await zoe.api.request('GET', `sync/records/report/${report}`)).status).toBe(200);
    const done = await command(['erase', '--user', zoe.sub, '--yes', '--json']);
    expect(done).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(done.out)).toMatchObject({ records: 1, waiting: 0 });
    expect((await zoe.api.request('GET', `sync/records/report/${report}`)).body).toMatchObject({ record: null });
    expect((await command(['user', '--user', zoe.sub, '--json'])).out).toBe('');
    expect((await command(['verify', '--scope', zoe.home])).out).toContain('none damaged');
    expect(await command(['erase'])).toMatchObject({ code: 2 });
  });

  it('says what was typed wrongly, what is not there and who does not answer, each with its exit code', async () => {
    const wrong: [args: string[], code: number, words: string][] = [
      [['dragons'], 2, 'There is no command dragons'],
      [['device'], 2, '--user'],
      [['overview', '--user', 'x'], 2, '--user'],
      [['user', '--user', 'x', '--since', 'yesterday'], 2, '--since'],
      [['usage', '--limit', 'many'], 2, '--limit'],
      [['redrive'], 2, 'batch_ids'],
      [['resolve', '-4Zk', '--strategy'], 2, '--strategy needs a value'],
      [['resolve', '-4Zk'], 1, 'not_found'],
      [['batch', 'nothing'], 1, 'no such batch'],
      [['overview', '--url', 'http://127.0.0.1:1', '--token', 't'], 3, 'Nobody answers'],
    ];
    const ended = await Promise.all(wrong.map(([args]) => command(args)));
    expect(ended).toEqual(wrong.map(([, code, words]) => ({ code, out: '', err: expect.stringContaining(words) as string })));
  });
});
