import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ROUTES } from '../../src/http/routes.ts';
import { openBrowser } from '../support/browser.ts';

const { url } = inject('stack');
const PHONE = { width: 390, height: 844 };

const browser = await openBrowser();

describe.skipIf(browser === undefined)('the page at /docs, in a browser on a phone that reaches nothing but the API', () => {
  let page: Page;
  /** What the browser complained of (a breach of the policy, a script's error), and what it asked others for. */
  const complaints: string[] = [];

  beforeAll(async () => {
    page = await browser!.newPage({ viewport: PHONE });
    page.on('console', (message) => { if (message.type() === 'error') complaints.push(message.text()); });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.route((asked) => asked.origin !== url && asked.protocol !== 'data:', async (route) => {
      complaints.push(`asks ${route.request().url()}`);
      await route.abort();
    });
    await page.goto(`${url}/docs`);
    await page.locator('.opblock').first().waitFor();
  });
  afterAll(() => browser!.close());

  const widthBeyondScreen = () => page.evaluate('document.documentElement.scrollWidth - innerWidth');

  it('shows every route, within the width of the screen', async () => {
    expect(await page.locator('.opblock').count()).toBe(Object.values(ROUTES).flat().length);
    expect(await widthBeyondScreen()).toBe(0);
  });

  it('can be used with the keyboard alone: what has the focus shows it, and opens with Enter', async () => {
    const focused = page.locator(':focus');
    await page.keyboard.press('Tab');
    expect(await focused.textContent()).toBe('To the routes');
    await page.keyboard.press('Enter');
    for (let i = 0; i < 20 && (await page.locator('.opblock-summary-control:focus').count()) === 0; i++) {
      await page.keyboard.press('Tab');
      expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    }
    await page.keyboard.press('Enter');
    await page.locator('.opblock.is-open .responses-table').waitFor();
    expect(await page.locator('.opblock.is-open .opblock-summary-path').textContent()).toContain('upload');
    expect(await widthBeyondScreen()).toBe(0);
  });

  it('tries a route out', async () => {
    const health = page.locator('#operations-Service-health');
    await health.locator('.opblock-summary-control').click();
    await health.getByRole('button', { name: 'Try it out' }).click();
    await health.getByRole('button', { name: 'Execute' }).click();
    await expect.poll(() => health.locator('.live-responses-table .response-col_status').last().textContent()).toContain('200');
  });

  it('leads to the errors, where the code of a problem is marked', async () => {
    await page.getByRole('link', { name: 'Errors', exact: true }).click();
    await page.waitForURL(`${url}/docs/errors`);
    await page.goto(`${url}/docs/errors#too_large`);
    expect(await page.locator('tr:target').textContent()).toContain('4 MiB');
    expect(await widthBeyondScreen()).toBe(0);
  });

  it('ran without a complaint, and asked nobody else for anything', () => {
    expect(complaints).toEqual([]);
  });
});
