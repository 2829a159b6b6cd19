import type { Claims, Commit, Outcome, Scope } from '../../src/engine/model.ts';
import type { WireRecord } from '../../src/protocol/record.ts';
import type { World } from './world.ts';

/** Every outcome of every log, with its place: what really happened. */
export async function allOutcomes(world: World): Promise<(Outcome & { scope: string; n: number })[]> {
  const outcomes: (Outcome & { scope: string; n: number })[] = [];
  for await (const { scope } of world.ports.log.heads()) {
    for (const { n, outcomes: found } of await commitsOf(world, scope)) {
      outcomes.push(...found.map((outcome) => ({ ...outcome, scope, n })));
    }
  }
  return outcomes;
}

/** The whole log of a scope. */
export async function commitsOf(world: World, scope: Scope): Promise<Commit[]> {
  const all: Commit[] = [];
  for (let end = false; !end; ) {
    const read = await world.ports.log.read(scope, all.at(-1)?.n ?? 0, Number.MAX_SAFE_INTEGER, { strong: true });
    all.push(...read.commits);
    end = read.end;
  }
  return all;
}

/** What a device sees that comes for the first time. */
export async function snapshot(world: World, claims: Claims, limit = 1000): Promise<WireRecord[]> {
  const fresh = world.phone(claims, { deviceId: `fresh-${world.ports.ids.uuid()}`, limit });
  await fresh.pull();
  return fresh.holdings.all();
}

/** Client ids by how many outcomes they have. */
export function outcomeCounts(outcomes: readonly Pick<Outcome, 'user' | 'clientId'>[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { user, clientId } of outcomes) {
    const key = `${user} ${clientId}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}
