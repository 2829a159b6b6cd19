import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { DeleteItemCommand, DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StackPlaces } from '../../../local/gateway/local-routes.ts';
import { gather } from '../../../local/chaos/workload/crew.ts';
import { begin, heard, push } from '../../../local/chaos/workload/live.ts';
import type { Verification } from '../../../src/service/verify.ts';
import { Listener } from '../../support/live/listener.ts';
import { freePort } from '../../support/ports.ts';
import { folder, removeFolders, StartedStack } from './started-stack.ts';

const VERIFY = fileURLToPath(new URL('../../../tools/verify-command.js', import.meta.url));

// What app teams and ops type: a stack with a bad network, and a look into its logs.
describe('npm start -- --chaos, and npm run verify', { timeout: 300_000 }, () => {
  let stack: StartedStack;
  let port: number;
  beforeAll(async () => {
    port = await freePort();
    stack = await StartedStack.start(folder(), port, {}, '--in-memory', '--chaos', 'lossy-answers,seed=5');
  });
  afterAll(async () => {
    await stack?.end('SIGINT');
    removeFolders();
  });

  const verify = (...args: string[]) => new Promise<{ code: number; out: string }>((resolve) => {
    execFile(process.execPath, [VERIFY, ...args], { env: { PATH: process.env['PATH'], PORT: String(port) } }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), out: stdout + stderr }));
  });

  it('says that chaos is on, and how to end it', () => {
    expect(stack.output()).toContain('CHAOS IS ON: lossy-answers (seed 5)');
    expect(stack.output()).toContain('/.local/chaos -d none');
  });

  it('loses answers, and a phone that sends again has everything once', async () => {
    const crew = gather(stack, 's5', 5);
    await begin(crew);
    const waiting = () => crew.members.filter(({ phone }) => phone.outbox.length > 0);
    while (waiting().length > 0) await Promise.all(waiting().map((member) => heard(push(member))));
    expect(crew.members.some(({ server }) => (server.statuses.get(0) ?? 0) > 0)).toBe(true);
    const words = crew.members.flatMap(({ phone }) => [...phone.results.values()]);
    expect(words.map(({ status }) => status)).toEqual(crew.members.map(() => 'success'));
    await fetch(`${stack.url}/.local/chaos`, { method: 'PUT', body: 'none' });
  });

  it('cuts who listens when the network goes, and lets nobody connect until it is back', async () => {
    const put = (body: string) => fetch(`${stack.url}/.local/chaos`, { method: 'PUT', body });
    const liveUrl = `${stack.url.replace('http', 'ws')}/live`;
    await put('none');
    const token = await stack.token({ sub: 'alice-s5', role: 'citizen', departments: [] });
    const listener = await Listener.connect(liveUrl, token);
    await put('offline');
    await listener.closed;
    await expect(Listener.connect(liveUrl, token)).rejects.toThrow();
    await put('none');
    await (await Listener.connect(liveUrl, token)).close();
  });

  it('finds a healthy stack whole, in words and as JSON', async () => {
    const scope = 'user:alice-s5';
    // Audiences follow: until then they are said to be behind.
    await expect.poll(() => verify('--scope', scope), { timeout: 60_000 })
      .toMatchObject({ code: 0, out: expect.stringMatching(/user:alice-s5: \d+ commits from 1 to \d+, applied \d+; .*: whole/) as string });
    const all = await verify('--all', '--json');
    const lines = all.out.trim().split('\n').map((line) => JSON.parse(line) as Verification);
    expect(all.code).toBe(0);
    expect(lines.map((line) => line.scope)).toEqual(expect.arrayContaining([scope, 'department:roads-s5']));
    expect(lines.flatMap(({ findings }) => findings.filter(({ weight }) => weight === 'damage'))).toEqual([]);
  });

  it('names what somebody changed or deleted behind the log’s back, and changes nothing', async () => {
    const places = await (await fetch(`${stack.url}/.local/stack.json`)).json() as StackPlaces;
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const dynamo = new DynamoDBClient({ region: places.region, endpoint: places.dynamoEndpoint, credentials });
    const scope = 'user:bob-s5';
    await dynamo.send(new UpdateItemCommand({
      TableName: places.tableNames['entities'],
      Key: { scope: { S: scope }, key: { S: 'report#d2-s5-1' } },
      UpdateExpression: 'SET #f = :f', ExpressionAttributeNames: { '#f': 'fields' }, ExpressionAttributeValues: { ':f': { S: '{"title":"forged"}' } },
    }));
    for (let i = 0; i < 2; i++) {
      const forged = await verify('--scope', scope);
      expect(forged.code).toBe(1);
      expect(forged.out).toContain('damage: record_differs at report#d2-s5-1: differs from commit 1 in fields');
      expect(forged.out).not.toContain('forged');
    }
    await dynamo.send(new DeleteItemCommand({ TableName: places.tableNames['scopeLog'], Key: { scope: { S: scope }, n: { N: '1' } } }));
    const hole = await verify('--scope', scope);
    expect(hole.out).toContain('damage: hole at 1');
    expect(hole.out).toContain('1 of 1 scopes DAMAGED');
    dynamo.destroy();
  });

  it('explains what it was not told', async () => {
    expect(await verify()).toMatchObject({ code: 1, out: expect.stringContaining('--scope') as string });
    expect(await verify('--scope', 'user:nobody')).toMatchObject({ code: 0, out: expect.stringContaining('no commits') as string });
    expect((await verify('--help')).out).toContain('npm run verify -- --all');
    port = await freePort();
    const nobody = await verify('--all');
    expect(nobody).toMatchObject({ code: 1, out: expect.stringContaining('No local stack answers') as string });
    expect(nobody.out).not.toMatch(/^\s+at /m);
  });
});
