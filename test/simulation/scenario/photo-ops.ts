import type { Outage } from '../core/faults.ts';
import type { Draws } from '../core/random.ts';
import type { Placed } from './generate.ts';
import type { DeviceOp, DeviceSpec, Edit, EditKind, Sending } from './scenario.ts';

const MINUTE = 60_000;

/** Does anybody take photos in this story? In every fourth. */
export function takesPhotos(seed: number): boolean {
  return seed % 4 === 3;
}

/** What people do with photos, among what they do besides: drawn apart, so that stories stay what they were. */
export function photoOps(draws: Draws, devices: readonly DeviceSpec[], placed: readonly Placed[]): Placed[] {
  const ops: Placed[] = [];
  const end = Math.max(MINUTE, ...placed.map(({ at }) => at));
  for (const { id: device, user } of devices) {
    const add = (at: number, op: DeviceOp, by = device) => ops.push({ at: Math.round(at), device: by, op });
    if (user.startsWith('o')) {
      // Officers look at what citizens send them.
      for (let i = draws.int(0, 2); i > 0; i--) add(draws.int(0, end), { do: 'see a photo', pick: draws.next() });
      continue;
    }
    const mates = devices.filter((other) => other.user === user && other.id !== device);
    for (let i = draws.int(0, 2); i > 0; i--) {
      const mate = mates.length > 0 ? draws.pick(mates).id : device;
      life(draws, draws.int(0, end), (at, op, byMate) => add(at, op, byMate ? mate : device));
    }
    if (draws.chance(0.15)) add(draws.int(0, end), { do: 'edit', edit: editOf(draws, 'name a strange photo') });
    if (draws.chance(0.15)) add(draws.int(0, end), { do: 'announce again', pick: draws.next(), sending: sendingOf(draws), other: draws.chance(0.3) });
  }
  return ops;
}

/** Hours or minutes without the photos' table or without the bucket. */
export function photoOutages(draws: Draws): Outage[] {
  if (!draws.chance(0.12)) return [];
  const from = draws.int(0, 10 * MINUTE);
  return [{ from, to: from + draws.int(1, 12) * MINUTE, ports: draws.pick([['objects'], ['attachments'], ['attachments.link'], ['objects.keep', 'objects.remove']]) }];
}

type Does = (at: number, op: DeviceOp, byMate?: boolean) => void;

/** From the taking of a photo on: some things come about at once, some much later. */
function life(draws: Draws, begin: number, does: Does): void {
  const soon = () => draws.pick([0, 30, 300, 2000, 20_000, 3 * MINUTE]) * (0.5 + draws.next());
  does(begin, { do: 'take a photo', sending: sendingOf(draws) });
  if (draws.chance(0.1)) return;
  let at = begin + 200 + soon();
  const name = (kind: EditKind, more: Partial<Edit> = {}) => {
    does(at, { do: 'edit', edit: { ...editOf(draws, kind), ...more } });
    does(at + 20, { do: draws.chance(0.7) ? 'upload' : 'sync' });
  };
  name(draws.weighted([[3, 'report with photos'], [2, 'add photos'], [1, 'set photos']]));
  for (let i = draws.int(0, 2); i > 0; i--) {
    at += soon();
    name(draws.weighted<EditKind>([[2, 'add photos'], [1, 'set photos'], [2, 'drop photos'], [1, 'report with photos'], [1, 'delete report']]));
  }
  if (draws.chance(0.3)) does(at + soon(), { do: 'see a photo', pick: draws.next() });
  if (draws.chance(0.35)) {
    // Deleted by one, brought back by another who did not know.
    at += soon();
    const edit = { ...editOf(draws, 'delete report'), variant: 0.1 };
    if (draws.chance(0.7)) does(at - 10, { do: 'sync' }, true);
    does(at, { do: 'edit', edit });
    does(at, { do: 'edit', edit: { ...editOf(draws, draws.pick(['edit report', 'add photos', 'drop photos'] as const)), pick: edit.pick, variant: 0.1, strategy: 'client_wins' } }, true);
    does(at + 20, { do: 'upload' });
    does(at + 20 + soon(), { do: 'sync' }, true);
  }
}

function editOf(draws: Draws, kind: EditKind): Edit {
  // Mostly the same few reports and photos.
  const edit = { kind, pick: draws.next() * draws.pick([0, 0.4, 1]), variant: draws.next(), photo: draws.next() };
  return draws.chance(0.8) ? edit : { ...edit, strategy: draws.pick(['client_wins', 'merge', 'server_wins', 'manual'] as const) };
}

function sendingOf(draws: Draws): Sending {
  return {
    bytes: draws.weighted([[8, 'right'], [1.5, 'wrong'], [1, 'none']] as const),
    afterMs: draws.pick([0, 0, 100, 2000, 30_000, 4 * MINUTE, 6 * MINUTE]) * (0.5 + draws.next()),
    takesMs: draws.pick([0, 0, 1000, 2 * MINUTE]) * draws.next(),
    event: draws.weighted([[5, 'soon'], [1, 'late'], [1, 'twice'], [2, 'never']] as const),
  };
}
