import { signal } from '@preact/signals';
import { BEARER_PROTOCOL, LIVE_PROTOCOL } from '../../../src/protocol/live.ts';
import { session } from '../session/session.ts';

/** Grows when something changed somewhere: whoever shows data asks again. */
export const pokes = signal(0);

/** Connected: then polling is only for what no poke tells (protocol.md, Live). */
export const connected = signal(false);

/** Pokes come several times a second in a busy system; the page follows at most so often. */
const CALM_MS = 3000;
const PING_MS = 5 * 60_000;
const FIRST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * Keeps a WebSocket to `/live` while someone is signed in and the tab is shown. Without one (no address, a network that
 * lets none through) the page polls, and nothing else is different.
 */
export function followLive(address: string): void {
  const url = new URL(address, location.href.replace(/^http/, 'ws')).href;
  let socket: WebSocket | undefined;
  let pause = FIRST_PAUSE_MS;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let calm: ReturnType<typeof setTimeout> | undefined;

  const wanted = () => session.value !== undefined && !document.hidden;
  const poke = () => {
    calm ??= setTimeout(() => {
      calm = undefined;
      pokes.value++;
    }, CALM_MS);
  };
  const open = () => {
    clearTimeout(retry);
    if (!wanted() || socket) return;
    const token = session.value!.token;
    const mine = new WebSocket(url, [LIVE_PROTOCOL, BEARER_PROTOCOL + token]);
    socket = mine;
    const ping = setInterval(() => { if (mine.readyState === WebSocket.OPEN) mine.send('{"type":"ping"}'); }, PING_MS);
    mine.addEventListener('open', () => {
      pause = FIRST_PAUSE_MS;
      connected.value = true;
    });
    mine.addEventListener('message', ({ data }) => { if (typeof data === 'string' && isChange(data)) poke(); });
    mine.addEventListener('close', () => {
      clearInterval(ping);
      if (socket !== mine) return;
      socket = undefined;
      connected.value = false;
      if (!wanted()) return;
      retry = setTimeout(open, pause * (0.5 + Math.random()));
      pause = Math.min(LONGEST_PAUSE_MS, pause * 2);
    });
  };
  const close = () => {
    clearTimeout(retry);
    const old = socket;
    socket = undefined;
    connected.value = false;
    old?.close();
  };

  // A new token needs a new socket: the server ends one at its token's end.
  session.subscribe(() => {
    close();
    open();
  });
  document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()));
}

function isChange(text: string): boolean {
  try {
    const said: unknown = JSON.parse(text);
    return typeof said === 'object' && said !== null && 'type' in said && said.type === 'changed';
  } catch {
    return false;
  }
}
