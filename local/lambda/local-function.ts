import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import type { FunctionResource } from '../template/resources.ts';
import { assetFolder } from './environment.ts';
import type { ExitMessage, FreezeMessage, InvokeMessage, ReadyMessage, ResultMessage, ThreadData } from './messages.ts';

/** How an invocation ended. `failed`: the handler threw, took too long, or its thread died. */
export type Outcome =
  | { readonly kind: 'ok'; readonly payload: unknown }
  | { readonly kind: 'failed'; readonly reason: 'error' | 'timeout' | 'crash'; readonly message: string };

interface Thread {
  readonly worker: Worker;
  readonly ready: Promise<void>;
  readonly exited: Promise<void>;
  readonly pending: Map<string, (outcome: Outcome) => void>;
  /** Takes no new invocations: one of its own took too long. */
  retired: boolean;
}

/** So long a thread may take to hear that it is to end, ms. */
const DEAF_MS = 1000;

/**
 * One Lambda function: its bundle in a worker thread with an environment of its own. A thread that dies or hangs is
 * replaced, and what ran in it has failed, as on AWS.
 */
export class LocalFunction {
  readonly resource: FunctionResource;
  readonly #data: ThreadData;
  readonly #env: Record<string, string>;
  readonly #log: (functionName: string, line: string) => void;
  #thread: Thread | undefined;
  #stopped = false;
  readonly #all = new Set<Thread>();

  constructor(
    resource: FunctionResource, assets: string, env: Record<string, string>,
    log: (functionName: string, line: string) => void,
  ) {
    const [file, exportName] = resource.handler.split('.') as [string, string];
    this.resource = resource;
    this.#data = {
      bundle: join(assetFolder(assets, resource), `${file}.cjs`),
      exportName,
      functionName: resource.name,
      functionArn: resource.arn,
      memoryMb: resource.memoryMb,
    };
    this.#env = env;
    this.#log = log;
  }

  /** Loads the bundle; fails if that fails. */
  async warm(): Promise<void> {
    await this.#current().ready;
  }

  async invoke(event: unknown): Promise<Outcome> {
    const id = randomUUID();
    const thread = this.#current();
    const { timeoutMs } = this.resource;
    return new Promise<Outcome>((resolve) => {
      const timer = setTimeout(() => {
        settle({ kind: 'failed', reason: 'timeout', message: `Task timed out after ${timeoutMs / 1000} seconds` });
        this.#retire(thread);
      }, timeoutMs);
      const settle = (outcome: Outcome) => {
        clearTimeout(timer);
        thread.pending.delete(id);
        if (thread.retired && thread.pending.size === 0) void end(thread);
        resolve(outcome);
      };
      thread.pending.set(id, settle);
      thread.worker.postMessage({
        id, event: JSON.stringify(event), deadlineMs: Date.now() + timeoutMs,
      } satisfies InvokeMessage);
    });
  }

  /** Kills the thread with all that runs in it, as a test may want. */
  async crash(): Promise<void> {
    if (this.#thread !== undefined) await end(this.#thread);
  }

  /** Lets the thread stand still with all that runs in it, which goes on later; new invocations get another thread. */
  freeze(ms: number): void {
    const thread = this.#thread;
    if (thread === undefined) return;
    thread.worker.postMessage({ freezeMs: ms } satisfies FreezeMessage);
    this.#retire(thread);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#all].map(end));
  }

  #current(): Thread {
    if (this.#stopped) throw new Error('the local stack has stopped');
    this.#thread ??= this.#start();
    return this.#thread;
  }

  /** Others may still run in it; the last of them, or its own timeout, ends it. */
  #retire(thread: Thread): void {
    thread.retired = true;
    if (this.#thread === thread) this.#thread = undefined;
    if (thread.pending.size === 0) void end(thread);
  }

  #start(): Thread {
    const worker = new Worker(new URL('./thread.js', import.meta.url), {
      workerData: this.#data,
      env: this.#env,
      execArgv: [],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: this.#data.memoryMb },
    });
    const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
    ready.catch(() => {}); // whoever warms it hears of it; an invocation hears it as a crash
    const exited = new Promise<void>((resolveExit) => {
      worker.once('exit', () => resolveExit());
    });
    const thread: Thread = { worker, ready, exited, pending: new Map(), retired: false };
    this.#all.add(thread);
    for (const stream of [worker.stdout, worker.stderr]) {
      createInterface({ input: stream }).on('line', (line) => this.#log(this.resource.shortName, line));
    }
    worker.on('message', (message: ReadyMessage | ResultMessage) => {
      if (message.kind === 'ready') return resolve();
      thread.pending.get(message.id)?.(outcomeOf(message));
    });
    let reason = 'Runtime exited';
    worker.on('error', (error) => {
      reason = error.message;
      this.#log(this.resource.shortName, `thread died: ${error.stack ?? error.message}`);
    });
    worker.once('exit', () => {
      this.#all.delete(thread);
      if (this.#thread === thread) this.#thread = undefined;
      reject(new Error(reason));
      for (const settle of [...thread.pending.values()]) settle({ kind: 'failed', reason: 'crash', message: reason });
    });
    return thread;
  }
}

/**
 * Ends a thread, with all that runs in it, between two of its steps. Terminated in the middle of one, Node may abort with
 * the whole process (a zlib handle that was made and not yet initialised); only a thread that hears nothing is.
 */
async function end({ worker, exited }: Thread): Promise<void> {
  worker.postMessage({ exit: true } satisfies ExitMessage);
  const timer = setTimeout(() => void worker.terminate(), DEAF_MS);
  await exited;
  clearTimeout(timer);
}

function outcomeOf({ payload, error }: ResultMessage): Outcome {
  if (error !== undefined) return { kind: 'failed', reason: 'error', message: `${error.errorType}: ${error.errorMessage}` };
  return { kind: 'ok', payload: JSON.parse(payload ?? 'null') as unknown };
}
