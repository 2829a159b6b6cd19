import type { Commit, Outcome, Scope } from '../../../src/engine/model.ts';
import type { Crew, Done, Member } from '../workload/crew.ts';
import type { Inside } from '../workload/inside.ts';

/** An outcome with its place in the logs. */
export type Placed = { outcome: Outcome; scope: Scope; n: number; index: number };

/** What phones did and heard, and what the logs say about it. */
export type Evidence = {
  readonly members: readonly Member[];
  readonly done: ReadonlyMap<string, Done>;
  readonly logs: ReadonlyMap<Scope, readonly Commit[]>;
  /** By client_id, which is unique among all devices of a crew. */
  readonly outcomes: ReadonlyMap<string, readonly Placed[]>;
};

export async function gatherEvidence(crew: Crew, inside: Inside): Promise<Evidence> {
  const logs = new Map<Scope, Commit[]>();
  const outcomes = new Map<string, Placed[]>();
  for (const scope of crew.scopes) {
    const commits = await inside.commits(scope);
    logs.set(scope, commits);
    for (const { n, outcomes: found } of commits) {
      for (const [index, outcome] of found.entries()) {
        outcomes.set(outcome.clientId, [...(outcomes.get(outcome.clientId) ?? []), { outcome, scope, n, index }]);
      }
    }
  }
  const done = new Map(crew.members.flatMap((member) => member.done.map((entry) => [entry.action.client_id, entry])));
  return { members: crew.members, done, logs, outcomes };
}
