import { Trouble } from '../../service/errors.ts';
import type { DeviceInfo, DeviceState, DeviceStore, Intake } from '../../service/ports/device-store.ts';
import { justAfter, LAST_ID, PLACES, sinceOf } from './keys.ts';
import { readPlace, writePlace } from './place.ts';
import { packSince, sinceEntries } from './since-codec.ts';
import type { DynamoTable, Expression, Item } from './table.ts';

const INFO = ['platform', 'os_version', 'model', 'app_version'] as const;

/** Devices, and beside each the cursors it was given last (design 3, `client_sync_state`). */
export function createDeviceStore(table: DynamoTable): DeviceStore {
  /**
   * One update, if the condition holds. `presented` only grows: where a newer one was presented meanwhile, the update is
   * made without it. A plain update can't take the greater of two values.
   */
  async function change(user: string, device: string, set: Item, add: Item, presented: number, condition?: Expression): Promise<Item | undefined> {
    const key = { user, device_id: device };
    if (presented > 0) {
      const grows = '(attribute_not_exists(#presented) OR #presented <= :presented)';
      const after = await table.update(key, changeOf({ ...set, presented }, add), {
        text: condition ? `(${condition.text}) AND ${grows}` : grows,
        names: condition?.names ?? {},
        values: condition?.values ?? {},
      });
      if (after) return after;
    }
    return table.update(key, changeOf(set, add), condition);
  }

  /** Counts by the device as read and, where its span has moved on since, once more. Nothing: there is no room. */
  async function countWith(intake: Intake, user: string, device: string, set: Item, add: Item, presented: number): Promise<Item | undefined> {
    let { known } = intake;
    for (let i = 0; i < TRIES; i++) {
      const { span, actions } = known?.intake ?? NONE_TAKEN;
      const goesOn = intake.span <= span;
      if ((goesOn ? actions : 0) + intake.actions > intake.most) return undefined;
      const after = goesOn
        ? await change(user, device, set, { ...add, intake: intake.actions }, presented, roomIn(span, intake.most - intake.actions))
        : await change(user, device, { ...set, intake: intake.actions, intake_span: intake.span }, add, presented, BEFORE_SPAN);
      if (after) return after;
      const item = await table.get({ user, device_id: device });
      known = item && deviceOf(item);
    }
    throw new Trouble('the device uploads many times at once', undefined);
  }

  return {
    async get(user, device) {
      const item = await table.get({ user, device_id: device });
      return item && deviceOf(item);
    },

    async list(user, after, limit) {
      if (justAfter(after) > LAST_ID || limit < 1) return { rows: [] };
      const { items, next } = await table.query({
        where: {
          text: '#user = :user AND #device BETWEEN :first AND :last',
          names: { '#user': 'user', '#device': 'device_id' },
          values: { ':user': user, ':first': justAfter(after), ':last': LAST_ID },
        },
        strong: true,
        limit,
      });
      const rows = items.map(deviceOf);
      return next ? { rows, next: String(next['device_id']) } : { rows };
    },

    async listAll(after, limit) {
      const devices: Expression = { text: '#device < :last', names: { '#device': 'device_id' }, values: { ':last': LAST_ID } };
      const from = startOf(after);
      if (!from && after !== '') return { rows: [] };
      const { items, next } = await table.scan(devices, { limit, from });
      const rows = items.map(deviceOf);
      return next ? { rows, next: writePlace([String(next['user']), String(next['device_id'])]) } : { rows };
    },

    async admit(user, device, most) {
      const room: Expression = {
        text: 'attribute_not_exists(#ids) OR contains(#ids, :id) OR size(#ids) < :most',
        names: { '#ids': 'ids' },
        values: { ':id': device, ':most': most },
      };
      const add: Expression = { text: 'ADD #ids :ids', names: { '#ids': 'ids' }, values: { ':ids': new Set([device]) } };
      return (await table.update({ user, device_id: PLACES }, add, room)) !== undefined;
    },

    async countUpload(user, device, { at, info, presented, intake, bytes = 0 }) {
      const named = Object.fromEntries(INFO.flatMap((name) => (info[name] === undefined ? [] : [[name, info[name]]])));
      const [set, add] = [{ last_upload: at, ...named }, { uploads: 1, sync_version: 1, bytes_in: bytes }];
      const after = await (intake ? countWith(intake, user, device, set, add, presented) : change(user, device, set, add, presented));
      return after && deviceOf(after);
    },

    async noteDownload(user, device, { at, counts, presented, bytes = 0 }) {
      if (counts) await change(user, device, { last_download: at }, { sync_version: 1, bytes_out: bytes }, presented);
      else await change(user, device, { last_download: at }, {}, presented, KNOWN);
    },

    async remembered(user, device) {
      const item = await table.get({ user, device_id: sinceOf(device) });
      return item ? { entries: sinceEntries(item['entries']), revision: Number(item['revision']) } : { entries: [], revision: 0 };
    },

    async remember(user, device, read, entries) {
      const item = { user, device_id: sinceOf(device), entries: packSince(entries), revision: read.revision + 1 };
      return table.put(item, read.revision === 0 ? NOTHING_REMEMBERED : stillAt(read.revision));
    },
  };
}

const TRIES = 8;

const NONE_TAKEN: DeviceState['intake'] = { span: 0, actions: 0 };

/** In the update, `:intake_span` is the new span. */
const BEFORE_SPAN: Expression = { text: 'attribute_not_exists(#intake_span) OR #intake_span < :intake_span', names: {} };

function roomIn(span: number, room: number): Expression {
  return { text: '#intake_span = :intake_span AND #intake <= :room', names: { '#intake_span': 'intake_span' }, values: { ':intake_span': span, ':room': room } };
}

const KNOWN: Expression = { text: 'attribute_exists(#user)', names: { '#user': 'user' } };

const NOTHING_REMEMBERED: Expression = { text: 'attribute_not_exists(#revision)', names: { '#revision': 'revision' } };

function stillAt(revision: number): Expression {
  return { text: '#revision = :read', names: { '#revision': 'revision' }, values: { ':read': revision } };
}

function changeOf(set: Item, add: Item): Expression {
  const all = [...Object.entries(set), ...Object.entries(add)];
  const adding = Object.keys(add).map((name) => `#${name} :${name}`);
  return {
    text: `SET ${Object.keys(set).map((name) => `#${name} = :${name}`).join(', ')}${adding.length > 0 ? ` ADD ${adding.join(', ')}` : ''}`,
    names: Object.fromEntries(all.map(([name]) => [`#${name}`, name])),
    values: Object.fromEntries(all.map(([name, value]) => [`:${name}`, value])),
  };
}

export function deviceOf(item: Item): DeviceState {
  const number = (name: string) => Number(item[name] ?? 0);
  const info: DeviceInfo = {};
  for (const name of INFO) if (typeof item[name] === 'string') info[name] = item[name];
  return {
    user: String(item['user']),
    device: String(item['device_id']),
    lastUpload: number('last_upload'),
    lastDownload: number('last_download'),
    syncVersion: number('sync_version'),
    uploads: number('uploads'),
    info,
    presented: number('presented'),
    intake: { span: number('intake_span'), actions: number('intake') },
    bytesIn: number('bytes_in'),
    bytesOut: number('bytes_out'),
  };
}

/** Where a scan goes on; nothing for a place that is not one of ours. */
function startOf(after: string): Item | undefined {
  const place = readPlace(after, ['string', 'string']);
  return place && { user: place[0], device_id: place[1] };
}
