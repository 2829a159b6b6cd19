import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Api } from '../../local/demo/api.ts';
import { seedTown } from '../../local/demo/seed.ts';
import type { LocalStack } from '../../local/stack-types.ts';
import { startStack } from '../../local/stack.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { openBrowser } from '../support/browser.ts';
import { openConsole, PATIENT, seriousFaults, settled, signIn, view, widthBeyondScreen, type Seen } from '../support/console.ts';

// The console on a stack of its own with the demo's data, in a real browser.

const PHONE = { width: 360, height: 740 };

/** Every view, and the title by which one knows that it is there. */
const VIEWS: readonly (readonly [hash: string, title: string])[] = [
  ['#/', 'Overview'],
  ['#/devices', 'Devices'],
  ['#/devices?health=failing', 'Devices'],
  ['#/device?user=hana&device=hana-pixel', 'Device'],
  ['#/failed', 'Failed actions'],
  ['#/pending', 'Pending actions'],
  ['#/action?user=hana&id=bins-text', 'Update report'],
  ['#/conflicts', 'Conflicts'],
  ['#/user?user=amira', 'Actions of a user'],
  ['#/record?type=report&id=burst-pipe-harbour&home=user:ben', 'History of a report'],
  ['#/find', 'Find'],
  ['#/nowhere', 'Nothing here'],
  ['#/devices?user=nobody', 'Devices'],
];

/** What a browser itself says of the failures that tests make up, and of a 409. */
const EXPECTED = /Failed to load resource/;

const browser = await openBrowser();

describe.skipIf(browser === undefined)('the console, in a browser', () => {
  let stack: LocalStack;
  let dataDir: string;
  let seen: Seen;
  let page: Page;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'fieldsync-console-'));
    stack = await startStack({ port: 0, dataDir, inMemory: true });
    await seedTown(stack);
    seen = await openConsole(browser!, stack.url, undefined, 'light', EXPECTED);
    page = seen.page;
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  const api = async (sub: string, role = 'citizen') => new Api(stack.url, await stack.token({ sub, role }));
  const ask = async (query: string, params: JsonObject) =>
    ((await (await api('root', 'admin')).request('POST', 'admin/query', { body: { query, params } })).body as { rows: JsonObject[] }).rows;
  const conflictOf = async (user: string) => (await (await api(user)).conflicts())[0]!;
  const openConflict = async (user: string) => {
    const { id } = await conflictOf(user);
    await view(page, `#/conflict?user=${user}&id=${id}`);
    await page.getByRole('heading', { name: 'Decide' }).waitFor();
    return id;
  };
  const report = async (user: string, id: string) => (await (await api(user)).request('GET', `sync/records/report/${id}`)).body as { record: JsonObject };

  it('signs in with one click: the token is in the tab, not in the address and not for ever', async () => {
    expect(await seriousFaults(page)).toEqual([]);
    await signIn(page);
    expect(page.url()).toBe(`${stack.url}/console/`);
    expect(await page.evaluate('JSON.stringify([localStorage.length, sessionStorage.length, document.cookie])')).toBe('[0,1,""]');
    await page.reload();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
  });

  it('shows the counters of the town, also when it was filled twice', async () => {
    await seedTown(stack);
    const tile = (name: string) => page.locator('.tile', { hasText: name }).locator('strong').textContent();
    await expect.poll(() => tile('Failed'), PATIENT).toBe('3');
    await expect.poll(async () => [await tile('Conflicts'), await tile('Pending'), await tile('Devices')], PATIENT).toEqual(['6', '1', '18']);
    await expect.poll(() => page.locator('svg.chart-lines').count(), PATIENT).toBe(5);
  });

  it('reads a chart by the arrow keys', async () => {
    const chart = page.getByRole('slider', { name: 'Success rate by day' });
    const last = await chart.getAttribute('aria-valuetext');
    await chart.press('ArrowLeft');
    await chart.press('ArrowLeft');
    await expect.poll(() => chart.getAttribute('aria-valuetext'), PATIENT).not.toBe(last);
  });

  it('goes on with the keyboard alone from a view to a conflict settled; what has the focus shows it', async () => {
    await view(page, '#/');
    const focused = page.locator(':focus');
    await page.evaluate('document.activeElement.blur()');
    const tabTo = async (name: string) => {
      for (let i = 0; i < 40; i++) {
        await page.keyboard.press('Tab');
        // Past the end of the page the focus is with the browser for one step.
        if (await page.evaluate('document.activeElement === document.body')) continue;
        const outline = await page.evaluate('[document.activeElement, document.activeElement.closest("[role=row]")].some((one) => one && getComputedStyle(one).outlineStyle !== "none")');
        expect(outline).toBe(true);
        if (((await focused.textContent()) ?? '').includes(name) || (await focused.getAttribute('value')) === name) return;
      }
      throw new Error(`no way to ${name} by Tab`);
    };
    await tabTo('Conflicts');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Conflicts' }).waitFor();
    await expect.poll(() => focused.textContent(), PATIENT).toBe('Conflicts');
    await settled(page);
    await tabTo('report');
    await page.keyboard.press('End');
    await page.keyboard.press('Home');
    const row = () => focused.evaluate((link) => link.closest('[data-row]')?.getAttribute('data-row'));
    await expect.poll(row, PATIENT).toBe('0');
    let href = await focused.getAttribute('href');
    for (let i = 1; !/user=(amira|chloe|dinesh)&/.test(href ?? ''); i++) {
      await page.keyboard.press('ArrowDown');
      await expect.poll(row, PATIENT).toBe(String(i));
      href = await focused.getAttribute('href');
    }
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Decide' }).waitFor();
    const { user, id } = Object.fromEntries(new URLSearchParams(href?.split('?')[1]));
    await tabTo('server_wins');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => focused.getAttribute('value'), PATIENT).toBe('client_wins');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('status').getByText('Settled').waitFor();
    expect((await ask('unresolved_conflicts', { user: user! })).map((row) => row['id'])).not.toContain(id);
    // Further to the next one by itself.
    await expect.poll(() => page.url(), PATIENT).not.toContain(id);
    await page.getByRole('heading', { name: 'Decide' }).waitFor();
  });

  it('is found sound by axe and fits its screen, in every view, light and wide as dark and narrow', async () => {
    const faults: string[] = [];
    const wide: string[] = [];
    for (const [size, scheme] of [[{ width: 1280, height: 800 }, 'light'], [PHONE, 'dark']] as const) {
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme: scheme });
      const conflict = [`#/conflict?user=farid&id=${(await conflictOf('farid')).id}`, 'Crack in the railing'] as const;
      for (const [hash, title] of [...VIEWS, conflict]) {
        await view(page, hash);
        await page.getByRole('heading', { level: 1, name: title }).waitFor();
        await settled(page);
        for (const fault of await seriousFaults(page)) faults.push(`${hash} ${scheme}: ${fault}`);
        if ((await widthBeyondScreen(page)) > 0) wide.push(`${hash} ${size.width}`);
      }
    }
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.emulateMedia({ colorScheme: 'light' });
    expect(faults).toEqual([]);
    expect(wide).toEqual([]);
  });

  it('settles by hand; when the record moved meanwhile, it shows the conflict as it is now and applies nothing', async () => {
    const user = 'ben';
    const id = await openConflict(user);
    const before = (await report(user, 'burst-pipe-harbour')).record;
    const shown = (await conflictOf(user)).server_version;
    await page.getByRole('radio', { name: 'Edit by hand' }).check();
    await page.getByLabel('description', { exact: true }).fill('Water at number 12, the cellar is flooded.');
    const actions = [{ client_id: randomUUID(), action_type: 'update_report', entity_type: 'report', entity_id: 'burst-pipe-harbour', base_version: Number(before['version']), timestamp: new Date().toISOString(), data: { description: 'It has stopped.' } }];
    await (await api(user)).upload({ device_id: 'ben-iphone', actions }, { prefer: 'wait=20' });
    const sent = page.waitForRequest('**/sync/resolve-conflict');
    await page.getByRole('button', { name: 'Settle the conflict' }).click();
    // What was on the screen is told, so that the server can refuse what nobody saw (P4).
    expect((await sent).postDataJSON()).toMatchObject({ strategy: 'manual', server_version: shown });
    await page.getByText('nothing was applied').waitFor();
    await page.locator('.compare ins', { hasText: 'stopped.' }).waitFor();
    expect((await report(user, 'burst-pipe-harbour')).record['description']).toBe('It has stopped.');
    await page.getByRole('radio', { name: 'Edit by hand' }).check();
    await page.getByLabel('description', { exact: true }).fill('It has stopped; the cellar is flooded.');
    // The answer, not the word on the screen: that of an earlier decision may still stand there.
    const answered = page.waitForResponse('**/sync/resolve-conflict');
    await page.getByRole('button', { name: 'Settle the conflict' }).click();
    expect((await answered).status()).toBe(200);
    await page.getByRole('status').getByText('Settled').last().waitFor();
    expect((await (await api(user)).conflicts()).map((open) => open.id)).not.toContain(id);
    expect((await report(user, 'burst-pipe-harbour')).record['description']).toBe('It has stopped; the cellar is flooded.');
  });

  it('asks before a decision deletes a record', async () => {
    await openConflict('elif');
    await page.getByRole('radio', { name: 'Take the phone’s' }).check();
    await page.getByRole('button', { name: 'Settle the conflict' }).click();
    await page.getByRole('dialog', { name: 'Delete the record?' }).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count(), PATIENT).toBe(0);
    expect((await report('elif', 'hydrant-leaks')).record).not.toBeNull();
  });

  it('keeps the server’s values for many at once, after saying what that means', async () => {
    await view(page, '#/conflicts');
    const left = (await ask('unresolved_conflicts', {})).length;
    await page.getByRole('button', { name: 'Select all' }).click();
    await page.getByRole('button', { name: 'Keep the server’s…' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.textContent()).toContain('no record changes');
    await dialog.getByRole('button', { name: `Settle ${left} conflicts` }).click();
    await page.getByRole('status').getByText(`${left} conflicts settled.`).waitFor();
    await page.getByRole('heading', { name: 'No conflict waits for a decision' }).waitFor();
    expect(await ask('unresolved_conflicts', {})).toEqual([]);
  });

  it('shows a failed action’s payload and reason, and redrives it only after confirmation', async () => {
    await view(page, '#/failed');
    await page.getByRole('row', { name: /hana/ }).getByRole('link').click();
    await page.getByText('This week there was broken glass').waitFor();
    await page.getByText('out of memory').waitFor();
    await page.getByRole('button', { name: 'Redrive…' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await expect.poll(() => page.evaluate('document.activeElement.textContent'), PATIENT).toBe('Redrive…');
    expect(await ask('failed_actions', { user: 'hana' })).toHaveLength(1);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Redrive', exact: true }).click();
    await page.getByRole('status').getByText('1 batch sent again.').waitFor();
    // And what waited behind it goes too.
    await expect.poll(async () => (await report('hana', 'bins-overflow')).record['title'], PATIENT).toBe('Bins overflow, broken glass');
    expect(await ask('failed_actions', { user: 'hana' })).toEqual([]);
  });

  it('discards a failed action only after confirmation', async () => {
    await view(page, '#/action?user=ivan&id=ice-where');
    await page.getByRole('button', { name: 'Discard…' }).click();
    await page.getByRole('button', { name: 'Discard for good' }).click();
    await expect.poll(async () => (await ask('user_actions', { user: 'ivan', status: 'rejected' })).map((row) => row['code']), PATIENT).toEqual(['discarded']);
  });

  it('walks a table of 10,000 rows with only those on the screen in the page', async () => {
    const rowOf = (i: number) => ({
      user: `user-${i}`, device_id: `device-${i}`, sync_count: i, last_sync: new Date().toISOString(), last_upload: null, last_download: null, pending: 0, platform: 'ios', app_version: '1',
    });
    await page.route('**/admin/query', async (route) => {
      const { query, cursor } = route.request().postDataJSON() as { query: string; cursor?: string };
      if (query !== 'sync_activity') return route.continue();
      const from = Number(cursor ?? 0);
      const rows = Array.from({ length: 200 }, (_, i) => rowOf(from + i));
      return route.fulfill({ json: { success: true, query, rows, next_cursor: from + 200 < 10_000 ? String(from + 200) : null } });
    });
    await view(page, '#/devices?user=');
    for (let pages = 0; pages < 60 && !(await page.getByText('10,000 devices').isVisible()); pages++) {
      await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');
      await page.waitForTimeout(30);
      await settled(page);
    }
    await expect.poll(() => page.getByRole('table').getAttribute('aria-rowcount'), PATIENT).toBe('10001');
    await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');
    await page.getByRole('link', { name: 'device-9999' }).waitFor();
    expect(await page.locator('[role=row]').count()).toBeLessThan(80);
    await page.getByRole('link', { name: 'device-9999' }).focus();
    await page.keyboard.press('Home');
    await expect.poll(() => page.evaluate('document.activeElement.textContent'), PATIENT).toBe('device-0');
    await page.unrouteAll({ behavior: 'wait' });
  });

  it('shows texts as texts, whatever is in them, and 64 KB of them', async () => {
    const user = 'mallory';
    const title = '<img src=x onerror="globalThis.owned=1"><script>globalThis.owned=1</script>';
    const mallory = await api(user);
    const act = (client_id: string, data: JsonObject, more: JsonObject = {}) => ({ client_id, action_type: 'update_report', entity_type: 'report', entity_id: 'm-1', base_version: 1, timestamp: new Date().toISOString(), data, ...more });
    await mallory.upload({ device_id: 'a', actions: [act('m-1', { title: 'Plain', category: 'roads' }, { action_type: 'create_report', entity_id: null, base_version: null })] }, { prefer: 'wait=20' });
    await mallory.upload({ device_id: 'a', actions: [act('m-2', { title: 'Is \u202Eesrever\u202C' })] }, { prefer: 'wait=20' });
    await mallory.upload({ device_id: 'b', actions: [act('m-3', { title, tags: ['<b>bold</b>'] })] }, { prefer: 'wait=20' });
    const huge = '<svg onload=alert(1)> '.repeat(3000);
    await page.route('**/admin/query', async (route) => {
      const answer = await route.fetch();
      const body = (await answer.json()) as { query: string; rows: { base_data: JsonObject; client_data: JsonObject; server_data: JsonObject; conflicting_fields: string[] }[] };
      if (body.query === 'unresolved_conflicts') {
        for (const row of body.rows) {
          row.conflicting_fields.push('description');
          row.base_data = { ...row.base_data, description: huge };
          row.client_data = { ...row.client_data, description: `${huge}x` };
          row.server_data = { ...row.server_data, description: [...huge].reverse().join('') };
        }
      }
      return route.fulfill({ response: answer, json: body });
    });
    await openConflict(user);
    await page.locator('.compare').getByText(title).first().waitFor();
    await page.locator('.compare').getByText('[U+202E]').first().waitFor();
    await view(page, `#/conflicts?user=${user}`);
    await view(page, `#/record?type=report&id=m-1&home=user:${user}`);
    await page.getByText('<b>bold</b>').waitFor();
    expect(await page.evaluate('[globalThis.owned, document.querySelectorAll("img, main script, main svg[onload]").length]')).toEqual([undefined, 0]);
    await page.unrouteAll({ behavior: 'wait' });
  });

  it('says that the network is gone, or the service in trouble, and keeps what it shows', async () => {
    await view(page, '#/devices');
    await page.getByRole('link', { name: 'hana-pixel' }).waitFor();
    await page.route('**/admin/query', (route) => route.abort());
    await view(page, '#/user?user=amira');
    await page.getByRole('alert').getByText('could not be reached').waitFor();
    await page.unrouteAll({ behavior: 'wait' });
    await page.route('**/admin/query', (route) => route.fulfill({ status: 503, json: { message: 'Service Unavailable' } }));
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('The API answered 503').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.unrouteAll({ behavior: 'wait' });
    // By the button, or by itself before that.
    await page.getByRole('button', { name: 'Try again' }).click({ timeout: 5000 }).catch(() => undefined);
    await page.getByRole('link', { name: 'Create report' }).first().waitFor();
  });

  it('asks to sign in again when the token is over, and comes back to the same view', async () => {
    await page.route('**/admin/query', (route) => route.fulfill({ status: 401, contentType: 'application/problem+json', json: {} }));
    await view(page, '#/devices?user=hana');
    await page.getByRole('dialog', { name: 'Your session has ended' }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.unrouteAll({ behavior: 'wait' });
    await page.getByRole('button', { name: 'Sign in as the local admin' }).click();
    await page.getByRole('link', { name: 'hana-pixel' }).waitFor();
    expect(page.url()).toBe(`${stack.url}/console/#/devices?user=hana`);
  });

  it('signs out, and takes a pasted token of an admin only', async () => {
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect.poll(() => page.evaluate('sessionStorage.length'), PATIENT).toBe(0);
    await page.getByText('Use a token').click();
    const paste = async (token: string) => {
      await page.getByLabel('A JWT of an admin').fill(token);
      await page.getByRole('button', { name: 'Use this token' }).click();
    };
    await paste('no token');
    await page.getByRole('alert').getByText('three parts').waitFor();
    await paste(await stack.token({ sub: 'alice', role: 'citizen' }));
    await page.getByRole('alert').getByText('not an admin’s').waitFor();
    await paste(await stack.token({ sub: 'root', role: 'admin', expiresInSeconds: -60 }));
    await page.getByRole('alert').getByText('has expired').waitFor();
    await paste(await stack.token({ sub: 'root', role: 'admin' }));
    await page.getByRole('heading', { name: 'Devices' }).waitFor();
  });

  it('asks again by itself while it is shown, and for nothing while it is hidden', async () => {
    await page.clock.install();
    await view(page, '#/pending');
    let asked = 0;
    const count = () => { asked++; };
    page.on('request', count);
    const hide = (hidden: boolean) => page.evaluate(`Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true }); document.dispatchEvent(new Event('visibilitychange'))`);
    await hide(true);
    await page.clock.runFor(120_000);
    expect(asked).toBe(0);
    await hide(false);
    await expect.poll(() => asked, PATIENT).toBeGreaterThan(0);
    page.off('request', count);
  });

  it('ran without a complaint, and asked nobody else for anything', () => {
    expect(seen.complaints).toEqual([]);
  });
});
