import { fileURLToPath } from 'node:url';
import { expect, inject, it } from 'vitest';
import { launchChromium, servePage } from '../../support/client/chromium.ts';
import { fresh, tokenFor } from '../../support/people.ts';

it('two tabs of a web app on another origin share one device, over IndexedDB and CORS, photos too', async ({ skip }) => {
  const browser = await launchChromium();
  if (!browser) return skip('There is no Chromium on this machine.');
  const page = await servePage(fileURLToPath(new URL('../../client/browser/app-page.ts', import.meta.url)));
  try {
    const token = await tokenFor({ sub: fresh('alice'), role: 'citizen' });
    const context = await browser.newContext();
    const tab = async () => {
      const opened = await context.newPage();
      await opened.goto(page.url);
      await opened.waitForFunction('globalThis.open !== undefined');
      await opened.evaluate(`globalThis.open(${JSON.stringify(inject('stack').url)}, ${JSON.stringify(token)})`);
      return opened;
    };
    const first = await tab();
    const second = await tab();
    await context.setOffline(true);
    // Enough to be sent compressed.
    const text = 'x'.repeat(3000);
    await first.evaluate(`sync.create('report', { title: 'By the first tab', category: 'roads', description: ${JSON.stringify(text)} })`);
    await second.evaluate(`sync.create('report', { title: 'By the second tab', category: 'roads' })`);
    expect(await second.evaluate("sync.status.get().then(({ pending }) => pending)")).toBe(2);
    await context.setOffline(false);
    const status = () => second.evaluate('sync.status.get().then(({ pending, health }) => ({ pending, health }))');
    await expect.poll(status, { timeout: 60_000, interval: 200 }).toEqual({ pending: 0, health: 'good' });
    const seen = (each: typeof first) => each.evaluate("sync.list('report').then((list) => list.map((report) => [report.title, report.sync_status]).sort())");
    const all = [['By the first tab', 'synced'], ['By the second tab', 'synced']];
    expect(await seen(first)).toEqual(all);
    expect(await seen(second)).toEqual(all);

    // A photo, by XMLHttpRequest and the bucket's CORS, with progress; it goes by itself, and the tab hears what became of it.
    const shown = await first.evaluate(`(async () => {
      const [report] = await sync.list('report');
      const told = new Set();
      sync.photos.watch(report.entity_id, (waiting) => waiting.forEach(({ sent }) => told.add(sent)));
      await sync.attach(report.entity_id, new Blob([new Uint8Array(200_000)], { type: 'image/png' }));
      const states = await new Promise((resolve) => sync.watchOne('report', report.entity_id, ({ attachment_states = {} }) => {
        if (Object.values(attachment_states).includes('ready')) resolve(attachment_states);
      }));
      const { url } = await sync.photos.link(report.entity_id, Object.keys(states)[0]);
      return { bytes: (await (await fetch(url)).arrayBuffer()).byteLength, told: [...told] };
    })()`);
    expect(shown).toEqual({ bytes: 200_000, told: expect.arrayContaining([0, 200_000]) });
  } finally {
    await browser.close();
    await page.stop();
  }
});
