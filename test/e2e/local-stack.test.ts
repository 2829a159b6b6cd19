import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { PLACES_PATH, type StackPlaces } from '../../local/gateway/local-routes.ts';
import { startStack } from '../../local/stack.ts';
import { localIssuer } from '../../local/token/local-issuer.ts';
import { citizen } from '../support/people.ts';
import { freePort, occupiedPort } from '../support/ports.ts';

// The local stack as a newcomer meets it: `npm start` in a process of its own, stopped politely, killed, and in trouble.

const START = fileURLToPath(new URL('../../local/start.js', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const children = new Set<ChildProcess>();
const folders: string[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

interface Started {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<number | null>;
}

function start(env: Record<string, string>, ...args: string[]): Started {
  return run(env, process.execPath, [START, ...args]);
}

function run(env: Record<string, string>, program: string, args: string[]): Started {
  const child = spawn(program, args, { cwd: ROOT, env: { PATH: process.env['PATH'], ...env }, stdio: 'pipe' });
  children.add(child);
  const chunks: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
  const ended = once(child, 'close').then(([code]) => {
    children.delete(child);
    return code as number | null;
  });
  return { child, output: () => chunks.join(''), ended };
}

async function ready(started: Started): Promise<{ url: string; dynamo: string }> {
  const early = started.ended.then(() => { throw new Error(`ended early:\n${started.output()}`); });
  await Promise.race([early, expect.poll(started.output, { timeout: 60_000 }).toContain('Ctrl-C stops it')]);
  const [, url] = /is ready on (\S+)/.exec(started.output()) ?? [];
  const [, dynamo] = /DynamoDB +(\S+)/.exec(started.output()) ?? [];
  if (url === undefined || dynamo === undefined) throw new Error(`not ready:\n${started.output()}`);
  return { url, dynamo };
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'fieldsync-e2e-'));
  folders.push(made);
  return made;
}

const answers = (url: string) => fetch(url).then(() => true, () => false);

describe('npm start', () => {
  it('builds beside another one, and ends with its npm when that gets a signal', async () => {
    rmSync(join(ROOT, 'dist', 'functions.json'), { force: true });
    const stacks = await Promise.all((['SIGTERM', 'SIGKILL'] as const).map(async (signal) => {
      const started = run({ PORT: String(await freePort()), FIELDSYNC_DATA_DIR: folder() }, 'npm', ['start', '--', '--in-memory']);
      return { signal, child: started.child, ...await ready(started) };
    }));
    for (const { signal, child, url, dynamo } of stacks) {
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      child.kill(signal);
      await expect.poll(() => answers(url), { timeout: 20_000, message: signal }).toBe(false);
      await expect.poll(() => answers(dynamo), { timeout: 20_000, message: signal }).toBe(false);
    }
  });

  it('keeps data and key across Ctrl-C and kill -9, and leaves nothing behind', async () => {
    const port = await freePort();
    const dataDir = folder();
    const env = { PORT: String(port), FIELDSYNC_DATA_DIR: dataDir };
    const token = await (await localIssuer(dataDir, port)).sign({ sub: 'alice', role: 'citizen' });
    const status = (url: string) => fetch(`${url}/api/v1/sync/status?device_id=phone-1`, { headers: { authorization: `Bearer ${token}` } });

    const first = start(env);
    const one = await ready(first);
    expect(first.output()).toContain('npm run --silent token');
    expect((await fetch(`${one.url}/healthz`)).status).toBe(200);
    expect((await status(one.url)).status).toBe(200);

    const rival = start({ ...env, PORT: '0' });
    expect(await rival.ended).toBe(1);
    expect(rival.output()).toContain('Another local stack uses the data');

    first.child.kill('SIGINT');
    expect(await first.ended).toBe(0);
    expect(await answers(one.dynamo)).toBe(false);

    const second = start(env);
    const two = await ready(second);
    expect((await status(two.url)).status).toBe(200);
    second.child.kill('SIGKILL');
    await second.ended;
    await expect.poll(() => answers(two.dynamo), { timeout: 5_000 }).toBe(false);

    const third = start(env);
    const three = await ready(third);
    expect((await status(three.url)).status).toBe(200);
    third.child.kill('SIGTERM');
    expect(await third.ended).toBe(0);
  }, 180_000);

  it('explains an occupied port and settings it does not understand', async () => {
    const busy = await occupiedPort();
    try {
      for (const [env, args, sentence] of [
        [{ PORT: String(busy.port) }, [], `Port ${busy.port} is in use`],
        [{ PORT: 'http' }, [], 'PORT=http is not a port'],
        [{ PORT: '0', HOST: '203.0.113.1' }, [], 'HOST=203.0.113.1 is no address of this machine'],
        [{ PORT: '0' }, ['--memory'], "Unknown option '--memory'"],
      ] as const) {
        const started = start({ FIELDSYNC_DATA_DIR: folder(), ...env }, ...args);
        expect(await started.ended, sentence).toBe(1);
        expect(started.output()).toContain(sentence);
        expect(started.output()).not.toMatch(/^\s+at /m);
      }
    } finally {
      await busy.free();
    }
  }, 120_000);

  it('explains a missing and an old Java', async () => {
    const old = folder();
    mkdirSync(join(old, 'bin'));
    writeFileSync(join(old, 'bin', 'java'), '#!/bin/sh\necho "java.lang.UnsupportedClassVersionError: LoopbackDynamoDb" >&2; exit 1\n');
    chmodSync(join(old, 'bin', 'java'), 0o755);
    for (const [javaHome, sentence] of [[join(old, 'none'), 'Java was not found'], [old, 'too old']] as const) {
      const started = start({ PORT: '0', FIELDSYNC_DATA_DIR: folder(), JAVA_HOME: javaHome });
      expect(await started.ended).toBe(1);
      expect(started.output()).toContain(sentence);
      expect(started.output()).toContain('Install a Java runtime of version 17');
      expect(started.output()).not.toMatch(/^\s+at /m);
    }
  }, 120_000);
});

describe('the stack in a test', () => {
  const shared = inject('stack');

  it('runs beside another one, answers on loopback only, and is gone when stopped', async () => {
    const stack = await startStack({ port: 0, dataDir: folder(), inMemory: true });
    try {
      const places = await (await fetch(`${shared.url}${PLACES_PATH}`)).json() as StackPlaces;
      const endpoints = [stack.url, stack.dynamoEndpoint, stack.sqsEndpoint];
      expect(new Set([...endpoints, shared.url, places.dynamoEndpoint, places.sqsEndpoint]).size).toBe(6);
      const outside = Object.values(networkInterfaces()).flat().find((address) => address?.family === 'IPv4' && !address.internal);
      for (const url of [stack.url, shared.url]) expect((await fetch(`${url}/healthz`)).status).toBe(200);
      for (const endpoint of endpoints) {
        if (outside !== undefined) expect(await answers(endpoint.replace('127.0.0.1', outside.address)), endpoint).toBe(false);
      }
    } finally {
      await stack.stop();
    }
    expect(await answers(stack.url)).toBe(false);
  }, 120_000);

  it('serves its key set, and Lambda\'s Invoke API to programs of this machine', async () => {
    const { keys } = await (await fetch(`${shared.url}/.local/jwks.json`)).json() as { keys: object[] };
    expect(keys).toHaveLength(1);
    expect(keys[0]).not.toHaveProperty('d');
    const invoke = (name: string, headers: Record<string, string> = {}) =>
      fetch(`${shared.url}/2015-03-31/functions/${name}/invocations`, { method: 'POST', body: '{"Records":[]}', headers });
    expect((await invoke('worker')).status).toBe(200);
    expect((await invoke('fieldsync-dev-worker')).status).toBe(200);
    expect((await invoke('nobody')).status).toBe(404);
    expect((await invoke('worker', { origin: shared.url })).status).toBe(403);
  });

  it('logs no tokens', async () => {
    const log = () => readFileSync(join(shared.dataDir, `functions-${shared.port}.log`), 'utf8');
    const before = log().length;
    await (await citizen()).phone().sync();
    await expect.poll(() => log().slice(before)).toContain('sync/download');
    // Longer than the hashes that a line may hold, by which `eyJ` comes about.
    expect(log()).not.toMatch(/eyJ[\w-]{20,}/);
  });
});
