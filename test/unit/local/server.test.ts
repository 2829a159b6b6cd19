import { createServer, request as httpRequest } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Gateway } from '../../../local/gateway/gateway.ts';
import { listen, type HttpServer } from '../../../local/gateway/server.ts';
import type { LocalFunction, Outcome } from '../../../local/lambda/local-function.ts';

const servers: HttpServer[] = [];
afterEach(async () => { await Promise.all(servers.splice(0).map((server) => server.stop(100))); });

async function serve(invoke: (event: any) => Promise<Outcome>, timeoutMs = 1_000): Promise<string> {
  const server = await listen(0, '127.0.0.1');
  servers.push(server);
  const gateway = new Gateway({
    tables: [], queues: [], functions: [], mappings: [], streams: [], live: { apiId: '', stage: 'live', routes: [] }, schedules: [], buckets: [], arrivals: [], cors: {},
    routes: [{ routeKey: 'POST /x', functionArn: 'f', timeoutMs }, { routeKey: '$default', functionArn: 'f', timeoutMs }],
  }, () => ({ invoke }) as unknown as LocalFunction);
  server.open([(request) => gateway.answer(request)]);
  return `http://127.0.0.1:${server.port}`;
}

const echo = async (event: unknown): Promise<Outcome> => ({ kind: 'ok', payload: { statusCode: 200, body: JSON.stringify(event) } });
const text = async (response: Response) => [response.status, await response.text()];

describe('the local server', () => {
  it('answers like the gateway, with an id of the request', async () => {
    const response = await fetch(`${await serve(echo)}/x?a=1`, { method: 'POST', body: '{"b":2}', headers: { 'content-type': 'application/json' } });
    const event = await response.json() as Record<string, any>;
    expect(event).toMatchObject({ routeKey: 'POST /x', rawQueryString: 'a=1', body: '{"b":2}' });
    expect(response.headers.get('apigw-requestid')).toBe(event['requestContext'].requestId);
  });

  it('decodes the path before it chooses a route, and refuses one that can not be decoded', async () => {
    const url = await serve(echo);
    expect(await (await fetch(`${url}/%78`, { method: 'POST' })).json()).toMatchObject({ routeKey: 'POST /x' });
    expect(await text(await fetch(`${url}/%zz`))).toEqual([400, '{"message":"Bad Request"}']);
  });

  it('refuses bodies over 10 MB, with a length and without', async () => {
    const url = await serve(echo);
    const large = new Uint8Array(10 * 1024 * 1024 + 1);
    expect(await text(await fetch(`${url}/x`, { method: 'POST', body: large }))).toEqual([413, '{"message":"Request Entity Too Large"}']);
    const stream = new Blob([large]).stream();
    const chunked = await fetch(`${url}/x`, { method: 'POST', body: stream, duplex: 'half' } as RequestInit).then(text, () => 'cut off');
    expect([JSON.stringify([413, '{"message":"Request Entity Too Large"}']), '"cut off"']).toContain(JSON.stringify(chunked));
    expect((await fetch(`${url}/x`, { method: 'POST', body: '{}' })).status).toBe(200);
  });

  it('refuses what becomes an event over 6 MB', async () => {
    const body = '"'.repeat(3_500_000); // doubled by escaping
    const response = await fetch(`${await serve(echo)}/x`, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    expect(response.status).toBe(413);
  });

  it.each([10_300, 20_000])('refuses %d bytes of request line and headers', async (bytes) => {
    const url = await serve(echo);
    const response = await fetch(`${url}/x?${'a'.repeat(bytes)}`);
    expect(await text(response)).toEqual([431, '{"message":"Request Header Fields Too Large"}']);
  });

  it('gives up after the integration\'s time', async () => {
    const url = await serve(() => new Promise(() => {}), 50);
    expect(await text(await fetch(`${url}/x`))).toEqual([503, '{"message":"Service Unavailable"}']);
  });

  it('answers 503 until it is open', async () => {
    const server = await listen(0, '127.0.0.1');
    servers.push(server);
    expect((await fetch(`http://127.0.0.1:${server.port}/`)).status).toBe(503);
  });

  it('lets requests under way finish when it stops, on kept connections too', async () => {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const url = await serve(() => promise, 5_000);
    const answer = fetch(`${url}/x`);
    await new Promise((started) => setTimeout(started, 50));
    const stopped = servers.splice(0)[0]!.stop(3_000);
    resolve({ kind: 'ok', payload: { statusCode: 200, body: 'done' } });
    expect(await text(await answer)).toEqual([200, 'done']);
    const before = performance.now();
    await stopped;
    expect(performance.now() - before).toBeLessThan(1_000);
  });

  it('says in one sentence that its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(listen(port, '127.0.0.1')).rejects.toMatchObject({
      name: 'StartProblem', message: expect.stringContaining(`Port ${port} is in use`),
    });
    other.close();
  });

  it('keeps several values of one header', async () => {
    const url = new URL(`${await serve(echo)}/x`);
    const body = await new Promise<string>((resolve) => {
      httpRequest(url, { method: 'POST', headers: { accept: ['a', 'b'] } }, async (response) => {
        resolve(Buffer.concat(await response.toArray()).toString());
      }).end();
    });
    expect(JSON.parse(body).headers.accept).toMatch(/^a, ?b$/);
  });
});
