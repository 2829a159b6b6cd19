import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, inject, it } from 'vitest';

const DEMO = fileURLToPath(new URL('../../local/demo.js', import.meta.url));

type Told = { code: number | null; output: string };

/** Runs the demo to its end, as `npm run demo` does. */
async function demo(env: Record<string, string>, ...args: string[]): Promise<Told> {
  const child = spawn(process.execPath, [DEMO, ...args], { env: { PATH: process.env['PATH'], ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

/** Something that passes for a stack, until it is asked to do something. */
async function impostor(health: object, answer: { status: number; body: object }): Promise<string> {
  const server = createServer((request, response) => {
    const { status, body } = request.url === '/healthz' ? { status: 200, body: health } : answer;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  closers.push(() => server.close());
  await once(server, 'listening');
  return String((server.address() as AddressInfo).port);
}

const HEALTHY = { status: 'ok', service: 'fieldsync', protocol_version: '1.0' };

describe('the demo', () => {
  it('tells its story on the stack that runs, as often as one likes, without colours for a file', async () => {
    const { port, dataDir } = inject('stack');
    for (let i = 0; i < 2; i++) {
      const { code, output } = await demo({ PORT: String(port), FIELDSYNC_DATA_DIR: dataDir });
      expect(output).toMatch(/As told: \d+ facts checked/);
      expect(output).toContain(`on the stack at http://127.0.0.1:${port}`);
      expect(output).not.toContain('\u001b[');
      expect(code).toBe(0);
    }
  });

  it('starts a stack of its own where none runs, and stops it', async () => {
    const { code, output } = await demo({ PORT: '1', FORCE_COLOR: '1' });
    expect(output).toContain('No stack runs at http://127.0.0.1:1');
    expect(output).toMatch(/As told: \d+ facts checked/);
    expect(output).toContain('\u001b[');
    expect(code).toBe(0);
  });

  it('ends with 1 and one sentence when something is not as told', async () => {
    const { dataDir } = inject('stack');
    const upload = { success: true, sync_timestamp: '1970-01-01T00:00:00.000Z', results: [], conflicts: [] };
    const download = { data: {}, deleted: {}, reset: [], scopes: {}, cursor: 'c', has_more: false };
    const port = await impostor(HEALTHY, { status: 200, body: { ...upload, ...download } });
    const { code, output } = await demo({ PORT: port, FIELDSYNC_DATA_DIR: dataDir });
    expect(output).toContain('Not as told: the report has its number in the same answer');
    expect(output).not.toMatch(/^\s+at /m);
    expect(code).toBe(1);
  });

  it('says what to do when the stack does not know its key', async () => {
    const { dataDir } = inject('stack');
    const problem = { type: 'x', title: 'x', status: 401, detail: 'x', code: 'unauthorized', request_id: 'x', retryable: false, errors: [] };
    const port = await impostor(HEALTHY, { status: 401, body: problem });
    const { code, output } = await demo({ PORT: port, FIELDSYNC_DATA_DIR: dataDir });
    expect(output).toContain('start both with the same FIELDSYNC_DATA_DIR');
    expect(code).toBe(1);
  });

  it('keeps away from a port where something else answers', async () => {
    const port = await impostor({ hello: 'world' }, { status: 404, body: {} });
    const { code, output } = await demo({ PORT: port });
    expect(output).toContain('Something else answers');
    expect(code).toBe(1);
  });

  it('explains itself', async () => {
    expect(await demo({}, '--help')).toMatchObject({ code: 0, output: expect.stringContaining('npm run demo') });
    expect(await demo({}, '--loud')).toMatchObject({ code: 1, output: expect.stringContaining('--help') });
  });
});
