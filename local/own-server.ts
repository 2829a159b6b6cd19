import { once } from 'node:events';
import { createServer, type RequestListener, type ServerOptions } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server of the local stack that stands for, or before, a service of AWS. */
export interface OwnServer {
  readonly port: number;
  /** Cuts what is under way. */
  stop(): Promise<void>;
}

/** Starts one on a port of its own, so that no two stacks are in each other's way. */
export async function startOwnServer(listener: RequestListener, options: ServerOptions = {}, host = '127.0.0.1'): Promise<OwnServer> {
  const server = createServer(options, listener);
  server.listen(0, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
