import { render } from 'preact';
import * as z from 'zod/mini';
import { App } from './app.tsx';
import { loadConfig } from './config.ts';
import { useApi } from './data/api.ts';
import { followLive } from './data/live.ts';
import { readPlace } from './router.ts';
import { begin, restore } from './session/session.ts';
import { cameFromIssuer, returnFromIssuer } from './session/sign-in.ts';

// Without this zod tries to compile its schemas, which the page's policy refuses (and reports).
z.config({ jitless: true });

async function start(root: HTMLElement): Promise<void> {
  try {
    const config = await loadConfig();
    useApi(config.api);
    let fault: string | undefined;
    if (cameFromIssuer() && config.sign_in) {
      try {
        fault = begin(await returnFromIssuer(config.sign_in));
      } catch (error) {
        fault = error instanceof Error ? error.message : 'The sign-in failed.';
      }
      readPlace();
    } else {
      restore();
    }
    if (config.live !== undefined) followLive(config.live);
    render(<App config={config} fault={fault} />, root);
  } catch (error) {
    render(
      <main class="sign-in">
        <div class="card" role="alert">
          <h1>The console can not start</h1>
          <p>{error instanceof Error ? error.message : 'Something went wrong.'}</p>
          <p class="quiet">It is written by the deployment, beside this page.</p>
        </div>
      </main>,
      root,
    );
  }
}

const root = document.getElementById('app');
if (root) void start(root);
