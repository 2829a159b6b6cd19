import { once } from 'node:events';
import { createServer } from 'node:net';

/** A loopback port that somebody has, until `free`. */
export async function occupiedPort(): Promise<{ port: number; free(): Promise<void> }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return { port, async free() { await once(server.close(), 'close'); } };
}

/** A port that is free now, to be taken again by every start of one stack: tokens name it. */
export async function freePort(): Promise<number> {
  const { port, free } = await occupiedPort();
  await free();
  return port;
}
