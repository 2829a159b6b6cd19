import type { Claims, Outcome } from '../../src/engine/model.ts';
import type { WireRecord } from '../../src/protocol/record.ts';
import type { World } from './world.ts';

/** Every outcome of every log, with its place: what really happened. */
export async function allOutcomes(world: World): Promise<(Outcome & { scope: string; n: number })[]> {
  const outcomes: (Outcome & { scope: string; n: number })[] = [];
  for await (const { scope } of world.ports.log.heads()) {
    const { commits } = await world.ports.log.read(scope, 0, Number.MAX_SAFE_INTEGER, { strong: true });
    for (const { n, outcomes: found } of commits) outcomes.push(...found.map((outcome) => ({ ...outcome, scope, n })));
  }
  return outcomes;
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
