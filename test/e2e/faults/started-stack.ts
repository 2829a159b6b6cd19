import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Inside } from '../../../local/chaos/workload/inside.ts';
import type { StackPlaces } from '../../../local/gateway/local-routes.ts';
import { localIssuer } from '../../../local/token/local-issuer.ts';
import type { Claims } from '../../../src/engine/model.ts';

const START = fileURLToPath(new URL('../../../local/start.js', import.meta.url));
const LONGEST_START_MS = 120_000;

/** A stack of `npm start` in a process of its own, with a folder that survives it. */
export class StartedStack {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #dataDir: string;
  readonly #port: number;
  readonly output: () => string;

  private constructor(child: ChildProcess, port: number, dataDir: string) {
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
    this.#child = child;
    this.#ended = once(child, 'close');
    this.#port = port;
    this.#dataDir = dataDir;
    this.url = `http://127.0.0.1:${port}`;
    this.output = () => Buffer.concat(chunks).toString();
  }

  /** Resolves when it is ready. */
  static async start(dataDir: string, port: number, env: Record<string, string> = {}, ...args: string[]): Promise<StartedStack> {
    const child = spawn(process.execPath, [START, ...args], {
      env: { PATH: process.env['PATH'], PORT: String(port), FIELDSYNC_DATA_DIR: dataDir, ...env },
      stdio: 'pipe',
    });
    const stack = new StartedStack(child, port, dataDir);
    for (let waited = 0; !stack.output().includes('Ctrl-C stops it'); waited += 50) {
      if (child.exitCode !== null || waited > LONGEST_START_MS) {
        child.kill('SIGKILL');
        throw new Error(`not ready:\n${stack.output()}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return stack;
  }

  async token(claims: Claims): Promise<string> {
    return (await localIssuer(this.#dataDir, this.#port)).sign(claims);
  }

  /** By Lambda's own API. */
  async invoke(functionName: string, event: unknown): Promise<unknown> {
    const response = await fetch(`${this.url}/2015-03-31/functions/${functionName}/invocations`, { method: 'POST', body: JSON.stringify(event) });
    if (response.headers.has('x-amz-function-error')) throw new Error(`${functionName}: ${await response.text()}`);
    return response.json();
  }

  async places(): Promise<StackPlaces> {
    return await (await fetch(`${this.url}/.local/stack.json`)).json() as StackPlaces;
  }

  async inside(): Promise<Inside> {
    return new Inside(await this.places());
  }

  /** It stands still in the middle of whatever it does, or goes on. Its database answers all the same. */
  freeze(still: boolean): void {
    this.#child.kill(still ? 'SIGSTOP' : 'SIGCONT');
  }

  /** SIGKILL: nothing is finished, nothing is told. Else as Ctrl-C. */
  async end(signal: 'SIGKILL' | 'SIGINT'): Promise<void> {
    this.#child.kill(signal);
    await this.#ended;
  }
}

const folders: string[] = [];

/** A folder that `removeFolders` removes. */
export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'fieldsync-faults-'));
  folders.push(made);
  return made;
}

export function removeFolders(): void {
  for (const made of folders.splice(0)) rmSync(made, { recursive: true, force: true });
}
