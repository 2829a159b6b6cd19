import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A child process of a peer. */
export type Running = { readonly stop: () => Promise<void>; readonly output: () => string };

/** Starts a process; `ready` says when it can be used. Throws with the end of its output if it ends or nothing comes of it. */
export async function run(
  command: string, args: readonly string[], ready: (output: string) => boolean | Promise<boolean>,
  { env = process.env, cwd, uid, gid }: { env?: NodeJS.ProcessEnv; cwd?: string; uid?: number; gid?: number } = {},
): Promise<Running> {
  const child = spawn(command, args, {
    env, stdio: ['ignore', 'pipe', 'pipe'], detached: true,
    ...(cwd !== undefined && { cwd }), ...(uid !== undefined && { uid }), ...(gid !== undefined && { gid }),
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output = `${output}${chunk}`.slice(-20_000)));
  const running = { stop: () => end(child), output: () => output };
  for (let tries = 0; tries < 600; tries++) {
    if (child.exitCode !== null) break;
    if (await ready(output)) return running;
    await sleep(100);
  }
  await end(child);
  throw new Error(`${command} did not start: ${output.slice(-2000)}`);
}

/** Ends the process and what it started. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = once(child, 'exit');
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    try {
      process.kill(-child.pid, signal);
    } catch {
      // Gone already.
    }
    await Promise.race([ended, sleep(5000)]);
    if (child.exitCode !== null || child.signalCode !== null) return;
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
