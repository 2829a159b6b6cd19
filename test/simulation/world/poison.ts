import type { Domain, EntityType } from '../../../src/engine/domain.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';
import type { Task } from '../core/task.ts';

/** What happens to a worker that plans a record with this text in it. */
export type Poison = { how: 'throws' | 'dies'; text: string };

/** What all such texts begin with. */
export const POISON = 'poison';

/** A domain with a bug: it throws, or takes the process with it, at certain data. `active` says for how long. */
export function poisoned(domain: Domain, active: () => Poison | undefined, task: Task): Domain {
  const bite = (fields: JsonObject): void => {
    const poison = active();
    if (!poison || !Object.values(fields).some((value) => typeof value === 'string' && value.includes(poison.text))) return;
    if (poison.how === 'dies') task.kill('out of memory');
    throw new RangeError('a bug in the domain');
  };
  const types = Object.entries(domain.types).map(([name, type]): [string, EntityType] => [
    name,
    {
      ...type,
      mayCreate: (actor, fields) => {
        bite(fields);
        return type.mayCreate(actor, fields);
      },
      checkChange: (before, after) => {
        bite(after);
        return type.checkChange?.(before, after) ?? [];
      },
    },
  ]);
  return { ...domain, types: Object.fromEntries(types) };
}
