import type { FunctionResource } from '../template/resources.ts';
import { LocalFunction } from './local-function.ts';

/** All functions of the template. */
export class LocalFunctions {
  readonly #all: readonly LocalFunction[];

  constructor(
    resources: readonly FunctionResource[], assets: string,
    environmentOf: (fn: FunctionResource) => Record<string, string>,
    log: (functionName: string, line: string) => void,
  ) {
    this.#all = resources.map((fn) => new LocalFunction(fn, assets, environmentOf(fn), log));
  }

  readonly byArn = (arn: string): LocalFunction => {
    const found = this.#all.find((fn) => fn.resource.arn === arn);
    if (found === undefined) throw new Error(`the template refers to a function it does not have: ${arn}`);
    return found;
  };

  /** By its name with or without the stage. */
  readonly byName = (name: string): LocalFunction | undefined =>
    this.#all.find(({ resource }) => resource.shortName === name || resource.name === name);

  /** The result of a direct invocation; throws if it fails. */
  async invoke(name: string, event: unknown): Promise<unknown> {
    const outcome = await this.byName(name)?.invoke(event);
    if (outcome === undefined) throw new Error(`there is no function ${name}`);
    if (outcome.kind === 'failed') throw new Error(`${name}: ${outcome.message}`);
    return outcome.payload;
  }

  /** Loads every bundle, so that a broken one is noticed at once and no first request waits for it. */
  async warm(): Promise<void> {
    await Promise.all(this.#all.map((fn) => fn.warm()));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#all.map((fn) => fn.stop()));
  }
}
