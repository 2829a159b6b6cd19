import type { Network } from '../network.ts';
import type { Bytes } from './content.ts';

export type SendRequest = { method: string; headers: Record<string, string>; body: Bytes; signal: AbortSignal };

/** Sends bytes to a link and resolves to the status; rejects without an answer. `progress`: bytes sent so far. */
export type Send = (url: string, request: SendRequest, progress: (sent: number) => void) => Promise<number>;

type Xhr = {
  upload: { addEventListener(type: 'progress', listener: (event: { loaded: number }) => void): void };
  status: number;
  addEventListener(type: 'load' | 'error' | 'abort', listener: () => void): void;
  open(method: string, url: string): void;
  setRequestHeader(name: string, value: string): void;
  send(body: Bytes): void;
  abort(): void;
};

/** By XMLHttpRequest where there is one (browsers, React Native): `fetch` tells no progress. Else by the app's `fetch`. */
export function platformSend(network: Network): Send {
  const { XMLHttpRequest: Request } = globalThis as { XMLHttpRequest?: new () => Xhr };
  if (network.send) return network.send;
  if (!Request) return async (url, request) => (await network.fetch(url, request)).status;
  return (url, { method, headers, body, signal }, progress) =>
    new Promise((resolve, reject) => {
      const request = new Request();
      const fail = () => reject(new TypeError('The upload was cut off.'));
      request.upload.addEventListener('progress', ({ loaded }) => progress(loaded));
      request.addEventListener('load', () => resolve(request.status));
      request.addEventListener('error', fail);
      request.addEventListener('abort', fail);
      signal.addEventListener('abort', () => request.abort());
      request.open(method, url);
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      request.send(body);
    });
}
