import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';

/** Long enough for any machine: that something comes is wanted, not how soon. */
export const PATIENT = { timeout: 30_000 };

export type Seen = {
  page: Page;
  context: BrowserContext;
  /** What the browser complained of (a breach of the policy, a script's error), and what was asked of others. */
  complaints: string[];
};

/**
 * A tab of its own on the console, which reaches nothing but the stack. `expected`: complaints that a test causes itself.
 */
export async function openConsole(browser: Browser, url: string, size = { width: 1280, height: 800 }, colorScheme: 'light' | 'dark' = 'light', expected = /^$/): Promise<Seen> {
  const context = await browser.newContext({ viewport: size, colorScheme });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => { if (message.type() === 'error' && !expected.test(message.text())) complaints.push(message.text()); });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => { if (new URL(request.url()).origin !== url) complaints.push(`asks ${request.url()}`); });
  await page.goto(`${url}/console`);
  return { page, context, complaints };
}

/** One click. */
export async function signIn(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sign in as the local admin' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
}

/** Goes to a view and waits until what it asks for is there. */
export async function view(page: Page, hash: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
  await settled(page);
}

export async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor();
  // Not `waitForFunction`: the page's policy lets nobody evaluate text, the test neither.
  await expect.poll(() => page.locator('[aria-label=Loading], [aria-busy=true]').count(), PATIENT).toBe(0);
}

/** What axe finds serious or worse, one line each. */
export async function seriousFaults(page: Page): Promise<string[]> {
  const found = (await page.evaluate(`(() => { ${axe.source}; return axe.run(document, { resultTypes: ['violations'] }); })()`)) as {
    violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[];
  };
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary.replaceAll(/\s+/g, ' ')}`));
}

export function widthBeyondScreen(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - innerWidth') as Promise<number>;
}
