import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { localIssuer, type TokenClaims } from '../../local/token/local-issuer.ts';
import { signingKey } from '../../local/token/signing-key.ts';
import { handshake, Listener } from '../support/live/listener.ts';
import { action, citizen, fresh, invoke, officer, tokenFor } from '../support/people.ts';
import { Forge } from '../support/tokens/forge.ts';
import { MUTANTS } from '../support/tokens/mutants.ts';

// The WebSocket through the local gateway, with the functions as they are deployed.

const { url, dataDir, port } = inject('stack');
const liveUrl = `${url.replace('http', 'ws')}/live`;
const open: Listener[] = [];
let forge: Forge;

beforeAll(async () => {
  forge = new Forge(await localIssuer(dataDir, port), await signingKey(dataDir), Date.now());
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((listener) => listener.close()));
});

async function listen(claims: TokenClaims): Promise<Listener> {
  const listener = await Listener.connect(liveUrl, await tokenFor(claims));
  open.push(listener);
  return listener;
}

const offering = (token: string): [string, string][] => [['sec-websocket-protocol', `fieldsync.v1, bearer.${token}`]];

describe('the handshake', () => {
  it('selects the subprotocol and repeats the token nowhere', async () => {
    const token = await tokenFor({ sub: fresh('alice'), role: 'citizen' });
    const answer = await handshake(url, offering(token));
    expect(answer).toMatchObject({ status: 101, protocol: 'fieldsync.v1' });
    expect(answer.text).not.toContain(token.split('.')[2]);
  });

  it(`opens for none of ${MUTANTS.length} bad credentials (P10, P12)`, async () => {
    const opened: string[] = [];
    for (const mutant of MUTANTS) {
      const lines = mutant.headers(forge);
      const bearer = mutant.name.startsWith('sent as') ? undefined : lines[0]?.[1].replace('Bearer ', '');
      const query = mutant.query ? `?${new URLSearchParams(mutant.query(forge)).toString()}` : '';
      // What is sent in other ways is sent so here too, beside our subprotocol and no token.
      const { status, protocol } = await handshake(url, bearer === undefined ? [['sec-websocket-protocol', 'fieldsync.v1'], ...lines] : offering(bearer), `/live${query}`);
      if (status !== (mutant.code === 'forbidden' ? 403 : 401) || protocol !== undefined) opened.push(`${mutant.name}: ${status} ${protocol}`);
    }
    expect(opened).toEqual([]);
  });

  it('is nowhere else, and needs the subprotocol', async () => {
    const token = await tokenFor({ sub: fresh('alice'), role: 'citizen' });
    expect(await handshake(url, offering(token), '/api/v1/live')).toMatchObject({ status: 404 });
    expect(await handshake(url, [['sec-websocket-protocol', `bearer.${token}`]])).toMatchObject({ status: 400 });
  });
});

describe('who is connected', () => {
  it('hears of changes in scopes of their own, and an admin that there was one', async () => {
    const department = fresh('roads');
    const [alice, bob, olga] = await Promise.all([citizen(), citizen('bob'), officer(department)]);
    const [hers, his, officers, admins] = await Promise.all([
      listen({ sub: alice.sub, role: 'citizen' }), listen({ sub: bob.sub, role: 'citizen' }),
      listen({ sub: olga.sub, role: 'officer', departments: [department] }), listen({ sub: fresh('root'), role: 'admin' }),
    ]);
    await alice.upload([action({ data: { title: 'Pothole', category: department } })]);
    await expect.poll(() => [hers.pokes.length, officers.pokes.length, admins.pokes.length].every((count) => count > 0), { timeout: 20_000 }).toBe(true);
    expect(hers.pokes).toEqual([[alice.home]]);
    expect(officers.pokes).toEqual([[`department:${department}`]]);
    expect(new Set(admins.pokes.flat())).toEqual(new Set(['*']));
    expect(his.heard).toEqual([]);
  });

  it('finds by the download what the poke was for: it never comes too early (P7)', async () => {
    const alice = await citizen();
    const tablet = alice.phone();
    await tablet.pull();
    const listener = await listen({ sub: alice.sub, role: 'citizen' });
    const missed: number[] = [];
    for (let i = 1; i <= 3; i++) {
      const poked = listener.pokes.length;
      await Promise.all([
        alice.upload([action({ data: { title: `Report ${i}`, category: fresh('roads') } })]),
        expect.poll(() => listener.pokes.length, { timeout: 20_000, interval: 5 }).toBeGreaterThan(poked).then(() => tablet.pull()),
      ]);
      if (tablet.holdings.all().length < i) missed.push(i);
    }
    expect(missed).toEqual([]);
  });

  it('gets a pong for a ping, and nothing for anything else', async () => {
    const listener = await listen({ sub: fresh('alice'), role: 'citizen' });
    for (const text of ['', 'x', '{"type":"changed"}', '{"action":"$connect"}', '{"type":"ping"}']) listener.socket.send(text);
    await expect.poll(() => listener.heard, { timeout: 20_000 }).toEqual([{ type: 'pong' }]);
  });

  it('is closed after the exp of the token: by its next ping, or by the minute though it is silent', async () => {
    const [pinging, silent] = await Promise.all(['p', 's'].map((name) => listen({ sub: fresh(name), role: 'citizen', expiresInSeconds: 7 })));
    const closed = Promise.all([pinging!.closed, silent!.closed]);
    await sleep(7000);
    pinging!.socket.send('{"type":"ping"}');
    await invoke('notify', {});
    await closed;
    expect([pinging!.heard, silent!.heard]).toEqual([[], []]);
  });

  it('is named in no log but by a hash, and the token is in none', () => {
    const log = readFileSync(join(dataDir, `functions-${port}.log`), 'utf8').split('\n').filter((line) => /^(live|notify) /.test(line));
    expect(log.length).toBeGreaterThan(20);
    expect(log.filter((line) => /alice-|olga-|roads-|user:|department:|bearer|eyJ/.test(line))).toEqual([]);
  });
});
