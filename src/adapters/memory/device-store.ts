import type { DeviceState, DeviceStore, Intake, Remembered } from '../../service/ports/device-store.ts';
import { copy } from './copy.ts';
import { compareKeys, Table } from './table.ts';

/** What is known of devices, in memory. */
export function createMemoryDeviceStore(): DeviceStore {
  const devices = new Table<DeviceState>();
  const since = new Table<Remembered>();
  const places = new Map<string, Set<string>>();
  const stateOf = (user: string, device: string): DeviceState =>
    devices.get(user, device) ?? { user, device, lastUpload: 0, lastDownload: 0, syncVersion: 0, uploads: 0, info: {}, presented: 0, intake: { span: 0, actions: 0 }, bytesIn: 0, bytesOut: 0 };

  return {
    async get(user, device) {
      return devices.get(user, device);
    },

    async list(user, after, limit) {
      return devices.page(user, after, limit);
    },

    async listAll(after, limit) {
      const placeOf = (row: DeviceState) => JSON.stringify([row.user, row.device]);
      const rows = devices.all().map(({ row }) => row).sort((a, b) => compareKeys(placeOf(a), placeOf(b)));
      const rest = rows.filter((row) => compareKeys(placeOf(row), after) > 0);
      const given = rest.slice(0, limit);
      const last = given.at(-1);
      return given.length < rest.length && last ? { rows: given, next: placeOf(last) } : { rows: given };
    },

    async admit(user, device, most) {
      const taken = places.get(user) ?? new Set();
      if (!taken.has(device) && taken.size >= most) return false;
      places.set(user, taken.add(device));
      return true;
    },

    async countUpload(user, device, { at, info, presented, intake, bytes = 0 }) {
      const old = stateOf(user, device);
      const taken = intake ? takenWith(old.intake, intake) : old.intake;
      if (intake && taken.actions > intake.most) return undefined;
      const row: DeviceState = {
        ...old,
        lastUpload: at,
        syncVersion: old.syncVersion + 1,
        uploads: old.uploads + 1,
        info: { ...old.info, ...info },
        presented: Math.max(old.presented, presented),
        intake: taken,
        bytesIn: old.bytesIn + bytes,
      };
      devices.put(user, device, row);
      return copy(row);
    },

    async noteDownload(user, device, { at, counts, presented, bytes = 0 }) {
      if (!counts && !devices.get(user, device)) return;
      const old = stateOf(user, device);
      devices.put(user, device, {
        ...old,
        lastDownload: at,
        syncVersion: old.syncVersion + (counts ? 1 : 0),
        presented: Math.max(old.presented, presented),
        bytesOut: old.bytesOut + (counts ? bytes : 0),
      });
    },

    async remembered(user, device) {
      return since.get(user, device) ?? { entries: [], revision: 0 };
    },

    async remember(user, device, read, entries) {
      const now = since.get(user, device)?.revision ?? 0;
      if (now !== read.revision) return false;
      since.put(user, device, { entries, revision: now + 1 });
      return true;
    },
  };
}

function takenWith(before: DeviceState['intake'], { span, actions }: Intake): DeviceState['intake'] {
  return span > before.span ? { span, actions } : { span: before.span, actions: before.actions + actions };
}
