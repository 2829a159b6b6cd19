import { civic } from '../../../src/domain/civic.ts';
import { actorOf } from '../../../src/engine/domain.ts';
import { linkTo } from '../../../src/service/attachments/link.ts';
import { PEOPLE } from '../scenario/scenario.ts';
import { request } from '../world/network.ts';
import type { World } from '../world/world.ts';
import type { History } from './history.ts';
import type { Photos } from './photos.ts';
import { namesOf } from './photos-settled.ts';

/** Photos that are asked for by everybody, at each rest. */
const MOST = 2;

/** Who sees the record that shows a photo as ready gets its bytes; everybody else the same 404 (P10). */
export async function checkSeen(world: World, history: History, photos: Photos): Promise<void> {
  const shown = [...namesOf(history)].flatMap(([id, named]) => named.map((one) => ({ id, ...one })));
  for (const { id, record, state } of shown.slice(0, MOST)) {
    for (const claims of Object.values(PEOPLE)) {
      const caller = actorOf(civic, claims);
      const name = `${claims.sub} looks at photo ${id} at ${world.now}`;
      const heard = await request(world, name, (deps, task) => linkTo(deps, world.bucket.port(task), caller, id, record.entityId));
      const sees = state === 'ready' && [record.home, ...record.audience].some((scope) => caller.scopes.includes(scope));
      if (heard.kind === 'answer') photos.seen(id, world.bucket.objects.fetch(heard.value.url));
      else if (heard.kind === 'refused' && heard.error.code === 'not_found') world.count('a photo was hidden');
      if (sees !== (heard.kind === 'answer')) world.fail('P10', 'photos seen', `${claims.sub} ${sees ? 'must' : 'must not'} see photo ${id} of ${record.entityId}, and was told ${heard.kind}`);
    }
  }
}
