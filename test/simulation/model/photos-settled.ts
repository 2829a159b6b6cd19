import { globalKey } from '../../../src/engine/keys.ts';
import type { EntityRow } from '../../../src/engine/model.ts';
import { TIMES } from '../../../src/protocol/limits.ts';
import type { AttachmentRow } from '../../../src/service/ports/attachment-store.ts';
import type { World } from '../world/world.ts';
import type { History } from './history.ts';
import type { Photos } from './photos.ts';

/** Has every photo come as far as it can by itself? One that is awaited, and is not there, waits for its phone. */
export function photosAreQuiet(world: World): boolean {
  if (world.bucket.underWay > 0) return false;
  return world.stores.attachments.rows().every(({ id, state, dueAt, releasedAt }) => {
    if (dueAt === undefined) return true;
    if (releasedAt !== undefined) return dueAt > world.now;
    return state === 'awaited' && !world.bucket.has('incoming', id);
  });
}

/**
 * When the last photo that lies there unseen is looked for next, ms: hours may go by until then if people asked for it
 * before it came, for their looks count too, and its event was lost or taken back with the tables.
 */
export function nextLookMs(world: World): number {
  const unseen = world.stores.attachments.rows().filter(({ id, state }) => state === 'awaited' && world.bucket.has('incoming', id));
  return Math.max(0, ...unseen.map(({ dueAt }) => dueAt ?? 0));
}

type Fail = (property: string, detail: string) => void;
type Named = { key: string; record: EntityRow; state: string };

/** At rest: what records say of their photos, the rows of photos, and the objects all tell one story (P1, P6, P10). */
export function checkPhotos(world: World, history: History, photos: Photos): void {
  const fail: Fail = (property, detail) => world.fail(property, 'photos at rest', detail);
  const rows = new Map(world.stores.attachments.rows().map((row) => [row.id, row]));
  const names = namesOf(history);
  for (const [id, named] of names) {
    const row = rows.get(id);
    for (const one of named) checkNamed(world, photos, id, one, row, fail);
    const shown = named.filter(({ state }) => state !== 'refused');
    if (shown.length > 1) fail('P10', `photo ${id} is shown by ${shown.map(({ key }) => key).join(' and ')}`);
  }
  for (const row of rows.values()) checkRow(world, photos, row, names.get(row.id) ?? [], fail);
  for (const key of world.bucket.objects.keys()) {
    const id = key.slice('photos/'.length);
    if (!key.startsWith('photos/') || rows.get(id)?.attachedTo !== undefined || photos.leftBehind.has(id)) continue;
    fail('P13', `the object ${key} is nobody's, and nothing will remove it`);
  }
}

/** Live records by the photos that they name, in their homes. */
export function namesOf(history: History): Map<string, Named[]> {
  const names = new Map<string, Named[]>();
  for (const scope of history.scopes()) {
    for (const images of history.images(scope).values()) {
      const record = images.at(-1)?.row;
      if (record?.state !== 'live' || record.home !== scope) continue;
      const key = globalKey(record.home, record.type, record.entityId);
      for (const [id, state] of Object.entries(record.attachments ?? {})) names.set(id, [...(names.get(id) ?? []), { key, record, state }]);
    }
  }
  return names;
}

function checkNamed(world: World, photos: Photos, id: string, { key, state }: Named, row: AttachmentRow | undefined, fail: Fail): void {
  if (row?.attachedTo !== key) {
    if (state !== 'refused') fail('P1', `${key} shows photo ${id} as ${state}, and it is ${row ? `of ${row.attachedTo ?? 'no record'}` : 'gone'}`);
    return;
  }
  const { expiresAt, releasedAt, told, kept } = row;
  if (state !== row.state || told !== state) fail('P6', `${key} shows photo ${id} as ${state}, it is ${row.state} and was told as ${told}`);
  if (expiresAt !== undefined || releasedAt !== undefined) fail('P1', `photo ${id}, which ${key} names, goes at ${expiresAt ?? releasedAt}`);
  const words = photos.verdicts(id);
  if (!words.includes(row.state) && !(row.state === 'refused' && photos.isGivenUp(id))) fail('P1', `photo ${id} of ${key} is ${row.state}, by what was sent it is ${words.join(' or ')}`);
  if (state === 'ready' && !(kept && world.bucket.has('photos', id))) fail('P1', `photo ${id}, which ${key} shows as ready, is not kept`);
  if (state === 'ready') world.count('a photo was kept');
}

function checkRow(world: World, photos: Photos, { id, attachedTo, releasedAt, expiresAt, looks, dueAt }: AttachmentRow, named: readonly Named[], fail: Fail): void {
  const holds = named.some(({ key, state }) => key === attachedTo && (state !== 'refused' || releasedAt === undefined));
  if (attachedTo === undefined) {
    if (expiresAt === undefined || expiresAt > photos.unusedUntil(id)) fail('P13', `photo ${id}, which no record has, is forgotten only at ${expiresAt}`);
    else if (expiresAt <= world.now) world.count('a photo that nobody named expired');
  } else if (releasedAt === undefined && !holds) fail('P6', `photo ${id} is held for ${attachedTo}, which does not name it`);
  else if (releasedAt !== undefined && holds) fail('P6', `photo ${id} is released, and ${attachedTo} names it`);
  if (releasedAt !== undefined && releasedAt + TIMES.attachmentReleasedMs < world.now) fail('P13', `photo ${id} was released at ${releasedAt} and is still there`);
  if (releasedAt !== undefined && dueAt === undefined) fail('P13', `photo ${id} was released, and nobody will come to remove it`);
  if (looks > 0) world.count('a photo was looked for in vain');
}
