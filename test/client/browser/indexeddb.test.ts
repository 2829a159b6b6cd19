import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { launchChromium, servePage } from '../../support/client/chromium.ts';

it('IndexedDB keeps the contract of stores in a real Chromium', async ({ skip }) => {
  const browser = await launchChromium();
  if (!browser) return skip('There is no Chromium on this machine.');
  const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
  const page = await servePage(here('contract-page.ts'), { vitest: here('../../support/client/browser-suite.ts') });
  try {
    const tab = await browser.newPage();
    await tab.goto(page.url);
    await tab.waitForFunction('globalThis.runAll !== undefined');
    const results = (await tab.evaluate('globalThis.runAll()')) as Record<string, string | null>;
    expect(Object.keys(results).length).toBeGreaterThan(8);
    expect(Object.entries(results).filter(([, fault]) => fault !== null)).toEqual([]);
  } finally {
    await browser.close();
    await page.stop();
  }
});
