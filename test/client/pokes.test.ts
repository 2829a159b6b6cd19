import { beforeEach, describe, expect, it } from 'vitest';
import { LIVE, Pokes, type PokesOptions } from '../../client/src/pokes.ts';
import { FakeTime, fakeSockets, settled } from '../support/client/fake-live.ts';

const CHANGED = '{"type":"changed","scopes":["user:alice"]}';
const MINUTE = 60_000;

let time: FakeTime;
let sockets: ReturnType<typeof fakeSockets>;
let polls: number;
let tokens: (string | undefined)[];
let token: (refused?: string) => Promise<string>;

beforeEach(() => {
  time = new FakeTime();
  sockets = fakeSockets();
  polls = 0;
  tokens = [];
  token = async () => 'token-1';
});

function pokes(more: Partial<PokesOptions> = {}): Pokes {
  return new Pokes({
    url: 'wss://x/live',
    socket: sockets.factory,
    token: (refused) => {
      tokens.push(refused);
      return token(refused);
    },
    timers: time,
    random: () => 1,
    now: () => time.now,
    poked: () => polls++,
    ...more,
  });
}

async function connected(): Promise<Pokes> {
  const made = pokes();
  made.start();
  await settled();
  sockets.last().open();
  return made;
}

/** A token that expires then, ms. */
const expiring = (at: number) => `x.${Buffer.from(JSON.stringify({ sub: 'alice', exp: at / 1000 })).toString('base64url')}.x`;

describe('the connection to /live', () => {
  it('offers our subprotocol and the token, and polls once it stands: what came before is not told', async () => {
    const made = pokes();
    made.start();
    await settled();
    expect(sockets.last().protocols).toEqual(['fieldsync.v1', 'bearer.token-1']);
    expect(polls).toBe(0);
    sockets.last().open();
    expect(polls).toBe(1);
  });

  it('polls for each change that it is told of, early or twice, and for nothing else that is said', async () => {
    await connected();
    for (const said of ['{"type":"pong"}', '', 'x', 'null', '[]', '{"type":"later"}', new ArrayBuffer(3)]) sockets.last().say(said);
    expect(polls).toBe(1);
    sockets.last().say(CHANGED);
    sockets.last().say(CHANGED);
    expect(polls).toBe(3);
  });

  it('pings while nothing is said, and goes on after each answer', async () => {
    await connected();
    for (let i = 1; i <= 3; i++) {
      await time.pass(LIVE.pingMs);
      expect(sockets.last().sent).toEqual(Array.from({ length: i }, () => '{"type":"ping"}'));
      sockets.last().say('{"type":"pong"}');
    }
    expect(sockets.made).toHaveLength(1);
    // The gateway's patience is ten minutes.
    expect(LIVE.pingMs + LIVE.patienceMs).toBeLessThan(10 * MINUTE);
  });

  it('takes a connection for dead on which a ping is not answered, and makes another', async () => {
    await connected();
    await time.pass(LIVE.pingMs + LIVE.patienceMs);
    expect(sockets.made[0]?.closed).toBe(true);
    expect(polls).toBe(2);
    await time.pass(LIVE.firstRetryMs);
    expect(sockets.made).toHaveLength(2);
  });

  it('looks at once whether it is alive when the app comes to the front', async () => {
    const made = await connected();
    made.start();
    expect(sockets.last().sent).toEqual(['{"type":"ping"}']);
    await time.pass(LIVE.patienceMs + LIVE.firstRetryMs);
    expect(sockets.made).toHaveLength(2);
  });

  it('gives up a handshake that is never answered', async () => {
    pokes().start();
    await settled();
    await time.pass(LIVE.patienceMs);
    expect(sockets.last().closed).toBe(true);
    expect(polls).toBe(1);
  });

  it('is made anew before the gateway’s two hours are over, without a pause', async () => {
    await connected();
    while (sockets.made.length === 1) {
      await time.pass(MINUTE);
      sockets.last().say('{"type":"pong"}');
    }
    expect(time.now - 1_800_000_000_000).toBeLessThan(2 * 60 * MINUTE);
    expect(sockets.made[0]?.closed).toBe(true);
  });
});

describe('without a connection', () => {
  it('polls with each try, and the pauses grow to five minutes', async () => {
    pokes().start();
    const pauses: number[] = [];
    for (let i = 0; i < 12; i++) {
      await settled();
      sockets.last().end();
      pauses.push(time.next ?? 0);
      await time.pass(time.next ?? 0);
    }
    expect(polls).toBe(12);
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300].map((seconds) => seconds * 1000));
  });

  it('waits by chance between half of it and all, so that phones do not come back together', async () => {
    pokes({ random: () => 0 }).start();
    await settled();
    sockets.last().end();
    expect(time.next).toBe(LIVE.firstRetryMs / 2);
  });

  it('keeps growing while connections are closed at once, and begins anew after one that stood', async () => {
    await connected();
    sockets.last().end();
    await time.pass(1000);
    sockets.last().open();
    sockets.last().end();
    expect(time.next).toBe(2000);
    await time.pass(2000);
    sockets.last().open();
    await time.pass(LIVE.stableMs);
    sockets.last().end();
    expect(time.next).toBe(1000);
  });

  it('tries at once when there is a reason to hope, and once only', async () => {
    const made = pokes();
    made.start();
    made.start();
    await settled();
    sockets.last().end();
    made.start();
    made.start();
    await settled();
    expect(sockets.made).toHaveLength(2);
    expect(time.next).toBe(LIVE.patienceMs);
  });

  it('hears nothing of connections that it left', async () => {
    const made = await connected();
    const old = sockets.last();
    made.stop();
    made.start();
    await settled();
    old.say(CHANGED);
    old.end();
    expect(polls).toBe(1);
    expect(sockets.made).toHaveLength(2);
    expect(time.next).toBe(LIVE.patienceMs);
  });

  it('does nothing any more once it is stopped, also in the middle of a try', async () => {
    const made = pokes();
    made.start();
    made.stop();
    await settled();
    expect([sockets.made.length, time.next, polls]).toEqual([0, undefined, 0]);
  });

  it('goes on polling where connections can not even be tried', async () => {
    pokes({
      socket: () => {
        throw new SyntaxError('not a URL');
      },
    }).start();
    await settled();
    expect([polls, time.next]).toEqual([1, 1000]);
  });
});

describe('its token', () => {
  it('is asked for with each try, and renewed if it has expired', async () => {
    const old = expiring(time.now - 1000);
    token = async (refused) => (refused === undefined ? old : expiring(time.now + 1000));
    pokes().start();
    await settled();
    expect(tokens).toEqual([undefined, old]);
    expect(sockets.last().protocols).toEqual(['fieldsync.v1', `bearer.${expiring(time.now + 1000)}`]);
  });

  it('is taken as it is while it is good, or of another form', async () => {
    for (const good of [expiring(time.now + 1000), 'opaque', 'x.bnVsbA.x']) {
      token = async () => good;
      const made = pokes();
      made.start();
      await settled();
      expect(sockets.last().protocols[1]).toBe(`bearer.${good}`);
      made.stop();
    }
    expect(tokens).toEqual([undefined, undefined, undefined]);
  });

  it('may be missing: it is asked for again, later each time', async () => {
    token = () => Promise.reject(new Error('signed out'));
    pokes().start();
    await settled();
    expect([sockets.made.length, time.next]).toEqual([0, 1000]);
    await time.pass(1000);
    expect(time.next).toBe(2000);
  });
});
