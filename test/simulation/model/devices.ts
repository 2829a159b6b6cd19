import { civic } from '../../../src/domain/civic.ts';
import { actorOf } from '../../../src/engine/domain.ts';
import { download } from '../../../src/service/download.ts';
import { status } from '../../../src/service/status.ts';
import { LocalStore } from '../phone/local-store.ts';
import type { Phone } from '../phone/phone.ts';
import { person } from '../scenario/scenario.ts';
import { request } from '../world/network.ts';
import type { World } from '../world/world.ts';
import type { Model } from './model.ts';
import { textOf } from './values.ts';

const MOST_PAGES = 300;

/** All devices of a user hold the same as a device that just came, whatever they went through (P5, P6). */
export async function checkDevices(world: World, model: Model, phones: readonly Phone[]): Promise<void> {
  for (const user of new Set(phones.map(({ spec }) => spec.user))) {
    const fresh = contentOf(await freshCopy(world, model, user));
    for (const phone of phones.filter(({ spec }) => spec.user === user)) {
      const held = contentOf(phone.store);
      if (held !== fresh) world.fail('P6', 'devices', `${phone.device} holds\n${held}\na new device\n${fresh}`);
      await checkStatus(world, model, phone);
    }
  }
}

async function freshCopy(world: World, model: Model, user: string): Promise<LocalStore> {
  const store = new LocalStore(false);
  const actor = actorOf(civic, person(user));
  const device = `${user}-new`;
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const askedAt = world.now;
    const query = { device_id: device, limit: 3, ...(cursor === undefined ? {} : { cursor }) };
    const heard = await request(world, `${device} downloads ${page} at ${askedAt}`, (deps) => download(deps, actor, query));
    if (heard.kind !== 'answer') {
      world.fail('P12', 'devices', `a new device of ${user} can't download: ${heard.kind}`);
      return store;
    }
    store.apply(heard.value, world.now);
    cursor = heard.value.cursor;
    if (heard.value.has_more) continue;
    model.downloads.atEnd({ store, who: device, scopes: heard.value.scopes, granted: actor.scopes, types: undefined, askedAt });
    return store;
  }
  world.fail('P5', 'devices', `a new device of ${user} never comes to the end`);
  return store;
}

async function checkStatus(world: World, model: Model, { device, actor }: Phone): Promise<void> {
  const heard = await request(world, `${device} asks for its status at ${world.now}`, (deps) => status(deps, actor, device));
  if (heard.kind !== 'answer') return;
  const { pending_uploads, failed_uploads, conflicts } = heard.value;
  const open = model.ledger.history.conflicts().filter((c) => c.status === 'unresolved' && c.user === actor.sub && c.device === device).length;
  if (pending_uploads !== 0 || failed_uploads !== 0) world.fail('P13', 'devices', `${device} reads ${pending_uploads} pending, ${failed_uploads} failed`);
  if (conflicts !== open) world.fail('P4', 'devices', `${device} reads ${conflicts} conflicts, ${open} are open`);
}

function contentOf(store: LocalStore): string {
  const lines = store.records().map((r) => `${r.scope} ${r.home} ${r.type} ${r.entityId} ${r.serverId} v${r.version} ${textOf(r.fields)} ${textOf(r.states)}`);
  return lines.sort().join('\n');
}
