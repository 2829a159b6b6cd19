import type { Actor } from '../../../src/engine/model.ts';
import type { WireConflict } from '../../../src/protocol/conflict.ts';
import type { Strategy } from '../../../src/protocol/primitives.ts';
import { resolveConflict } from '../../../src/service/resolve.ts';
import type { Model } from '../model/model.ts';
import { request } from '../world/network.ts';
import type { World } from '../world/world.ts';

const TEXTS: ReadonlySet<string> = new Set(['title', 'description', 'notes', 'name', 'phone', 'resolution_note']);
const TRIES = 4;
const WAIT_MS = 4000;

export type Deciding = {
  world: World;
  model: Model;
  caller: Actor;
  /** Unique per decision. */
  name: string;
  conflict: Pick<WireConflict, 'id' | 'conflicting_fields' | 'server_version' | 'client_data'>;
  strategy: Strategy;
  /** Does the app say which version it showed? */
  shown: boolean;
};

/** A person decides on a conflict; after no answer the same decision is sent again. Says whether it is settled now. */
export async function decideOn({ world, model, caller, name, conflict, strategy, shown }: Deciding): Promise<boolean> {
  // By hand only what the caller had set, as text: people give values that they may give.
  const field = conflict.conflicting_fields.find((name) => typeof conflict.client_data?.[name] === 'string' && TEXTS.has(name));
  const byHand = strategy === 'manual' && field !== undefined;
  const decision = {
    conflict_id: conflict.id,
    strategy: byHand || strategy !== 'manual' ? strategy : ('server_wins' as const),
    ...(byHand ? { resolved_data: { [field]: `decided in ${name}` } } : {}),
    ...(shown ? { server_version: conflict.server_version } : {}),
  };
  model.decisions.decided(conflict.id, decision.server_version);
  for (let i = 0; i < TRIES; i++) {
    const heard = await request(world, `${name} try ${i}`, (deps) => resolveConflict(deps, caller, decision, WAIT_MS));
    if (heard.kind === 'answer') {
      const { status, strategy: told, id } = heard.value.conflict;
      const known = model.ledger.history.conflict(id);
      if (status !== 'resolved' || told !== decision.strategy || known?.status !== 'resolved') {
        world.fail('P12', 'decisions', `${name} was answered 200, but conflict ${id} is ${status} by ${told}, in its commit ${known?.status}`);
      }
      world.count('a conflict was decided');
      return true;
    }
    if (heard.kind === 'refused') {
      const { code, errors } = heard.error;
      world.count(`a decision was refused: ${code}`);
      if (errors?.[0]?.code === 'record_forgotten') {
        world.count('a conflict outlived its record');
        if (strategy === 'server_wins') world.fail('P12', 'decisions', `${name} could not settle a conflict that outlived its record`);
        return decideOn({ world, model, caller, name: `${name}, forgotten`, conflict, strategy: 'server_wins', shown });
      }
      if (code !== 'conflict_changed' && code !== 'already_resolved' && code !== 'not_found') {
        world.fail('P12', 'decisions', `${name} was refused as ${code} ${JSON.stringify(heard.error.errors)}`);
      }
      return code === 'already_resolved';
    }
    await world.scheduler.sleep(1000);
  }
  return false;
}
