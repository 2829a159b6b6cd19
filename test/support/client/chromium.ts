import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import chromium from '@sparticuz/chromium';
import { build } from 'esbuild';
import { chromium as playwright, type Browser } from 'playwright-core';

/** A headless Chromium: the one that comes with the packages (Linux x64), else the machine's Chrome; nothing: there is none. */
export async function launchChromium(): Promise<Browser | undefined> {
  const packaged = async () => playwright.launch({ executablePath: await chromium.executablePath(), args: chromium.args, headless: true });
  return packaged().catch(() => playwright.launch({ channel: 'chrome', headless: true }).catch(() => undefined));
}

/** Serves a page on 127.0.0.1 whose script is this file, bundled for browsers. */
export async function servePage(file: string, alias: Record<string, string> = {}): Promise<{ url: string; stop: () => Promise<void> }> {
  const { outputFiles } = await build({ entryPoints: [file], bundle: true, write: false, format: 'esm', platform: 'browser', target: 'es2022', alias });
  const script = outputFiles[0]?.text ?? '';
  const server = createServer((request, response) => {
    if (request.url === '/page.js') response.setHeader('content-type', 'text/javascript').end(script);
    else response.setHeader('content-type', 'text/html').end('<!doctype html><title>Fieldsync</title><script type="module" src="/page.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
