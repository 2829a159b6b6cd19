import type { Scope } from '../../engine/model.ts';
import type { AliasRow } from '../../engine/views.ts';
import type { Deps } from '../deps.ts';
import { damage, type Finding } from './finding.ts';

/** An alias is read by itself. */
const AT_ONCE = 16;

/** Aliases as the log and the live records of a scope ask for them; those beyond `applied` are in the making. */
export class AliasCheck {
  readonly #applied: number;
  readonly #wanted = new Map<number, { key: string; n: number; live: boolean }>();

  constructor(applied: number) {
    this.#applied = applied;
  }

  see({ serverId, key, n, live }: Omit<AliasRow, 'scope'>): void {
    const known = this.#wanted.get(serverId);
    if (!known || known.n <= n) this.#wanted.set(serverId, { key, n, live });
  }

  async findings(deps: Pick<Deps, 'entities'>, scope: Scope): Promise<Finding[]> {
    const settled = [...this.#wanted].filter(([, { n }]) => n <= this.#applied);
    const findings: Finding[] = [];
    for (let i = 0; i < settled.length; i += AT_ONCE) {
      const part = settled.slice(i, i + AT_ONCE);
      const found = await Promise.all(part.map(([serverId]) => deps.entities.alias(scope, serverId)));
      for (const [j, [serverId, { key, live }]] of part.entries()) {
        const finding = judge(serverId, key, live, found[j]);
        if (finding) findings.push(finding);
      }
    }
    return findings;
  }
}

function judge(serverId: number, key: string, live: boolean, found: string | undefined): Finding | undefined {
  if (found === undefined) return live ? damage('alias_missing', serverId, `does not lead to ${key}`) : undefined;
  return found === key ? undefined : damage('alias_wrong', serverId, `leads to ${found}, not to ${key}`);
}
