import type { Commit, Scope } from '../engine/model.ts';
import type { Deps } from './deps.ts';

/** All commits that a scope's log still has, in order, read strongly and a page at a time. */
export async function* commitsOf({ log }: Pick<Deps, 'log'>, scope: Scope): AsyncGenerator<Commit> {
  let after = 0;
  for (let end = false; !end; ) {
    const read = await log.read(scope, after, Number.MAX_SAFE_INTEGER, { strong: true });
    yield* read.commits;
    after = read.commits.at(-1)?.n ?? after;
    end = read.end || read.commits.length === 0;
  }
}
