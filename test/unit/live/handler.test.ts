import { beforeEach, describe, expect, it } from 'vitest';
import { liveHandler, type LiveEvent, type LiveHandler } from '../../../src/http/live.ts';
import { SyncError, Trouble } from '../../../src/service/errors.ts';
import { claims } from '../../support/builders.ts';
import { createLiveWorld, HOUR, type LiveWorld } from '../../support/live/live-world.ts';

let world: LiveWorld;
let handle: LiveHandler;
const asked: string[] = [];

beforeEach(() => {
  world = createLiveWorld();
  asked.length = 0;
  const report = Object.assign(world.report, { begin() {}, end() {} });
  const session = async (token: string) => {
    asked.push(token);
    if (token === 'nobody') throw new SyncError('unauthorized', 'The token is not valid.');
    if (token === 'stranger') throw new SyncError('forbidden', 'No role.');
    if (token === 'outage') throw new Trouble('the key set could not be fetched', undefined);
    return { claims: claims({ sub: token }), expiresAt: world.clock.now() + HOUR };
  };
  handle = liveHandler({ report, deps: () => world, sessions: () => ({ session }) });
});

function event(routeKey: string, more: Partial<LiveEvent> = {}): LiveEvent {
  return { requestContext: { routeKey, connectionId: 'c-1', requestId: 'r-1' }, ...more };
}

const offering = (...lines: string[]) => event('$connect', { multiValueHeaders: { 'Sec-WebSocket-Protocol': lines } });

describe('$connect', () => {
  it.each([
    ['in one line', offering('fieldsync.v1, bearer.alice')],
    ['in two lines', offering('fieldsync.v1', 'bearer.alice')],
    ['the token first', offering('bearer.alice,fieldsync.v1')],
    ['beside others', offering('fieldsync.v2, fieldsync.v1, bearer.alice')],
    ['under a name in lower case', event('$connect', { multiValueHeaders: { 'sec-websocket-protocol': ['fieldsync.v1, bearer.alice'] } })],
    ['in plain headers', event('$connect', { headers: { 'Sec-WebSocket-Protocol': 'fieldsync.v1, bearer.alice' } })],
  ])('selects our subprotocol and never the token, offered %s', async (_, offer) => {
    const answer = await handle(offer);
    expect(answer).toEqual({ statusCode: 200, headers: { 'Sec-WebSocket-Protocol': 'fieldsync.v1' } });
    expect(asked).toEqual(['alice']);
    expect((await world.connections.get('c-1'))?.user).toBe('alice');
  });

  it.each([
    ['nothing', event('$connect'), 401],
    ['no token', offering('fieldsync.v1'), 401],
    ['an empty token', offering('fieldsync.v1, bearer.'), 401],
    ['two tokens', offering('fieldsync.v1, bearer.alice, bearer.bob'), 401],
    ['a token with a space', offering('fieldsync.v1, bearer.al ice'), 401],
    ['a token in the Authorization header only', event('$connect', { multiValueHeaders: { Authorization: ['Bearer alice'], 'Sec-WebSocket-Protocol': ['fieldsync.v1'] } }), 401],
    ['another subprotocol', offering('fieldsync.v2, bearer.alice'), 400],
    ['no subprotocol but the token', offering('bearer.alice'), 400],
    ['a bad token', offering('fieldsync.v1, bearer.nobody'), 401],
    ['a token that grants nothing', offering('fieldsync.v1, bearer.stranger'), 403],
    ['a token while no key can be had', offering('fieldsync.v1, bearer.outage'), 503],
  ])('refuses %s, with a status and nothing else', async (_, offer, statusCode) => {
    expect(await handle(offer)).toEqual({ statusCode });
    expect(await world.connections.get('c-1')).toBeUndefined();
  });

  it('says in its log who connected, by a hash, and no scope and no token (P10)', async () => {
    await handle(offering('fieldsync.v1, bearer.mallory'));
    expect(world.report.users).toEqual([world.ids.hash('mallory')]);
    expect(JSON.stringify(world.report.lines)).not.toMatch(/mallory/);
  });
});

describe('a message', () => {
  it('is answered if it is a ping', async () => {
    await handle(offering('fieldsync.v1, bearer.alice'));
    const answer = await handle(event('$default', { body: '{"type":"ping"}' }));
    expect(answer).toEqual({ statusCode: 200, body: '{"type":"pong"}' });
  });

  it.each(['', 'ping', '{"type":"pong"}', '{"type":["ping"]}', 'null', '[]', `{"type":"ping","x":"${'x'.repeat(300)}"}`])('is passed over if it is %j', async (body) => {
    await handle(offering('fieldsync.v1, bearer.alice'));
    expect(await handle(event('$default', { body }))).toEqual({ statusCode: 200 });
    expect(world.sockets.closed).toEqual([]);
  });

  it('of a connection whose token has expired closes it, and is not answered', async () => {
    await handle(offering('fieldsync.v1, bearer.alice'));
    await world.clock.advance(HOUR);
    expect(await handle(event('$default', { body: '{"type":"ping"}' }))).toEqual({ statusCode: 200 });
    expect(world.sockets.closed).toEqual(['c-1']);
  });

  it('ends in 503 when the table can not be asked, and closes nothing (P12)', async () => {
    const deps = { ...world, connections: { ...world.connections, get: () => Promise.reject(new Trouble('DynamoDB GetItem', undefined)) } };
    const broken = liveHandler({ report: Object.assign(world.report, { begin() {}, end() {} }), deps: () => deps, sessions: () => ({ session: () => Promise.reject(new Error()) }) });
    expect(await broken(event('$default', { body: '{"type":"ping"}' }))).toEqual({ statusCode: 503 });
    expect(world.sockets.closed).toEqual([]);
  });
});

describe('$disconnect', () => {
  it('forgets the connection', async () => {
    await handle(offering('fieldsync.v1, bearer.alice'));
    expect(await handle(event('$disconnect'))).toEqual({ statusCode: 200 });
    expect(await world.connections.get('c-1')).toBeUndefined();
  });
});
