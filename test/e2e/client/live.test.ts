import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, inject, it } from 'vitest';
import type { SyncOptions } from '../../../client/src/options.ts';
import type { TokenClaims } from '../../../local/token/local-issuer.ts';
import { RealPhone } from '../../support/client/real-phone.ts';
import { fresh, invoke, tokenFor } from '../../support/people.ts';

// The SDK on the platform's own WebSocket. Phones poll never here: what they learn, they were poked for.

const liveUrl = `${inject('stack').url.replace('http', 'ws')}/live`;
const phones: RealPhone[] = [];

afterEach(async () => {
  await Promise.all(phones.splice(0).map((phone) => phone.dispose()));
});

async function phone(claims: TokenClaims, more: Partial<SyncOptions> = {}): Promise<RealPhone> {
  const made = await RealPhone.of(claims, { start: 'auto', liveUrl, intervalMs: 0, ...more });
  phones.push(made);
  return made;
}

const titles = async ({ sync }: RealPhone) => (await sync.list<{ title: string }>('report')).map(({ title }) => title).sort();

describe('phones that listen', () => {
  it('have what another device did, and an officer has it too, without polling', async () => {
    const department = fresh('roads');
    const sub = fresh('alice');
    const [first, second, officers] = await Promise.all([
      phone({ sub, role: 'citizen' }), phone({ sub, role: 'citizen' }), phone({ sub: fresh('olga'), role: 'officer', departments: [department] }),
    ]);
    await Promise.all(phones.map((each) => each.settle()));
    await first.sync.create('report', { title: 'Pothole', category: department });
    await expect.poll(() => titles(second), { timeout: 20_000 }).toEqual(['Pothole']);
    await expect.poll(() => titles(officers), { timeout: 20_000 }).toEqual(['Pothole']);
    const [report] = await officers.sync.list('report');
    await officers.sync.update('report', report!.entity_id, { status: 'in_progress' });
    await expect.poll(async () => (await first.sync.list<{ status?: string }>('report'))[0]?.status, { timeout: 20_000 }).toBe('in_progress');
  });

  it('go on with a new token when the server has closed the connection at the end of the old one', async () => {
    const sub = fresh('alice');
    const short = await tokenFor({ sub, role: 'citizen', expiresInSeconds: 7 });
    const sockets: WebSocket[] = [];
    const renewed: (string | undefined)[] = [];
    const reader = await phone({ sub, role: 'citizen' }, {
      socket: (url, protocols) => sockets[sockets.push(new WebSocket(url, protocols)) - 1]!,
      async token(refused) {
        if (refused === undefined && renewed.length === 0) return short;
        renewed.push(refused);
        return tokenFor({ sub, role: 'citizen' });
      },
    });
    await expect.poll(() => sockets[0]?.readyState, { timeout: 20_000 }).toBe(WebSocket.OPEN);
    await sleep(7000);
    // As its schedule does every minute.
    await invoke('notify', {});
    await expect.poll(() => sockets.map(({ readyState }) => readyState), { timeout: 20_000 }).toEqual([WebSocket.CLOSED, WebSocket.OPEN]);
    expect(renewed[0]).toBe(short);
    const writer = await phone({ sub, role: 'citizen' });
    await writer.sync.create('report', { title: 'After', category: fresh('roads') });
    await expect.poll(() => titles(reader), { timeout: 20_000 }).toEqual(['After']);
  });
});
