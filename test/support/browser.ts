import chromium from '@sparticuz/chromium';
import { chromium as browsers, type Browser } from 'playwright-core';

/**
 * A headless browser: on Linux x64 the Chromium among the dependencies, elsewhere the machine's own Chrome. Nothing where
 * there is neither; then tests say that they were skipped.
 */
export async function openBrowser(): Promise<Browser | undefined> {
  try {
    if (process.platform !== 'linux' || process.arch !== 'x64') return await browsers.launch({ channel: 'chrome' });
    return await browsers.launch({ executablePath: await chromium.executablePath(), args: chromium.args });
  } catch (error) {
    process.stderr.write(`no browser: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}\n`);
    return undefined;
  }
}
