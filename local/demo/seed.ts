import { createDynamoClient } from '../../src/adapters/dynamodb/client.ts';
import { createDynamo } from '../../src/adapters/dynamodb/stores.ts';
import { createUsageStore } from '../../src/adapters/dynamodb/usage-store.ts';
import { systemClock as clock } from '../../src/adapters/system/clock.ts';
import { systemIds as ids } from '../../src/adapters/system/ids.ts';
import { actionKey, globalKey } from '../../src/engine/keys.ts';
import { uploadOrder } from '../../src/engine/order.ts';
import { canonicalJson } from '../../src/engine/value.ts';
import type { WireAction } from '../../src/protocol/upload.ts';
import { batchIdOf } from '../../src/service/upload.ts';
import { add, addTime, type Counts } from '../../src/service/usage/counts.ts';
import { dayOf } from '../../src/service/usage/count-changes.ts';
import type { LocalStack } from '../stack-types.ts';
import { Api } from './api.ts';
import { CITIZENS, CONFLICTS, FAILED, OFFICERS, REFUSED, REPORTS, WAITS_BEHIND, WORK, type Device, type Edit } from './town.ts';

type Stage = Pick<LocalStack, 'url' | 'token' | 'dynamoEndpoint' | 'region' | 'tableNames'>;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Days of use, for the charts. */
const DAYS = 44;

/**
 * Fills a local stack with a small town, for the console to have something to show. What phones do goes through the API as
 * phones do it; only what takes a fault or many phones (failed actions, weeks of use) is written into the tables. Its
 * actions have fixed ids, so doing it again changes nothing, and what was settled meanwhile stays settled.
 */
export async function seedTown(stage: Stage): Promise<void> {
  const town = new Town(stage);
  for (const citizen of CITIZENS) await town.createReports(citizen.sub);
  for (const { by, report, first, second } of CONFLICTS) await town.disagree(by, report, first, second);
  for (const work of WORK) await town.work(work);
  await town.refuse();
  for (const failed of FAILED) await town.fail(failed);
  await town.waitBehind();
  await town.rememberDays();
}

class Town {
  readonly #stage: Stage;
  readonly #usage: ReturnType<typeof createUsageStore>;
  readonly #stores: ReturnType<typeof createDynamo>;

  constructor(stage: Stage) {
    this.#stage = stage;
    const client = createDynamoClient({
      region: stage.region, endpoint: stage.dynamoEndpoint, credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    this.#usage = createUsageStore(client, stage.tableNames.usage);
    this.#stores = createDynamo({ client, tables: stage.tableNames, clock, ids });
  }

  async createReports(by: string): Promise<void> {
    const [phone, other] = devicesOf(by);
    const own = REPORTS.filter((report) => report.by === by);
    const actions = own.map(({ id, data }, i) => actionOf(id, 'create_report', { data, timestamp: hoursAgo(1 - i * 0.3) }));
    await this.#upload(by, 'citizen', phone, actions);
    const api = await this.#api(by, 'citizen');
    for (const device of other ? [phone, other] : [phone]) await api.download({ device_id: device.id });
  }

  /** The second device edits what it downloaded before the first one's edit arrived. */
  async disagree(by: string, report: string, first: Edit, second: Edit): Promise<void> {
    const [phone, other] = devicesOf(by);
    await this.#upload(by, 'citizen', phone, [editOf(report, first, 0.6)]);
    await this.#upload(by, 'citizen', other ?? phone, [editOf(report, second, 0.4)]);
  }

  async work({ by, reporter, report, id, data }: (typeof WORK)[number]): Promise<void> {
    const officer = OFFICERS.find(({ sub }) => sub === by)!;
    const home = `user:${reporter}`;
    await this.#upload(by, 'officer', officer.desk, [{ ...editOf(report, { id, data }, 1), home }], officer.departments);
  }

  async refuse(): Promise<void> {
    const { by, id, data } = REFUSED;
    await this.#upload(by, 'citizen', devicesOf(by)[0], [actionOf(id, 'create_report', { data, timestamp: hoursAgo(1) })]);
  }

  /** As the worker leaves a batch that it could not work five times. */
  async fail({ by, report, id, data, reason, hoursAgo: hours }: (typeof FAILED)[number]): Promise<void> {
    const [device] = devicesOf(by);
    const owner = { user: by, device: device.id };
    const [headers, done] = await Promise.all([this.#stores.inbox.headers(owner), this.#stores.actions.get([{ user: by, clientId: id }])]);
    if (done.size > 0 || headers.some(({ actions }) => actions.some((entry) => entry.clientId === id))) return;
    const at = Date.now() - hours * HOUR_MS;
    const counted = await this.#stores.devices.countUpload(by, device.id, { at, info: {}, presented: 0 });
    if (!counted) throw new Error(`${device.id} is not known`);
    const { uploads } = counted;
    const [actionType, entityType] = ['update_report', 'report'];
    const hash = ids.hash(canonicalJson([actionType, entityType, report, data]));
    const order = uploadOrder(uploads, 0);
    const home = `user:${by}`;
    await this.#stores.inbox.put(
      {
        owner,
        batchId: batchIdOf(uploads, 0),
        scope: home,
        claims: { sub: by, role: 'citizen', departments: [] },
        acceptedAt: at,
        actions: [{ clientId: id, hash, actionType, entityType, record: globalKey(home, entityType, report), order }],
        state: 'dead',
        attempts: 5,
        trying: 0,
        lastError: reason,
        changedAt: at + HOUR_MS / 2,
        sends: 6,
        dueAt: at,
      },
      [{ clientId: id, actionType, entityType, entityId: report, data, baseVersion: 1, time: at - HOUR_MS, hash, order }],
    );
  }

  async waitBehind(): Promise<void> {
    const { by, report, ...edit } = WAITS_BEHIND;
    await this.#upload(by, 'citizen', devicesOf(by)[0], [editOf(report, edit, 1)], undefined, 'respond-async');
  }

  /** Weeks of use, today included: less at weekends, and one day on which the network of half the town was down. */
  async rememberDays(): Promise<void> {
    for (let ago = DAYS; ago >= 0; ago--) {
      const day = dayOf(Date.now() - ago * DAY_MS);
      await this.#usage.add(day, 'demo', { reached: undefined, order: 'demo', counts: countsOf(day, ago) });
    }
  }

  async #upload(
    sub: string, role: string, device: Device, actions: WireAction[], departments?: readonly string[], prefer = 'wait=20',
  ): Promise<void> {
    const { id, platform, os, model, app } = device;
    // Sent again, what is done would wait behind failed actions of its record.
    const done = await this.#stores.actions.get(actions.map((action) => ({ user: sub, clientId: action.client_id })));
    const open = actions.filter((action) => !done.has(actionKey(sub, action.client_id)));
    if (open.length === 0) return;
    const body = { device_id: id, device_info: { platform, os_version: os, model, app_version: app }, actions: open };
    await (await this.#api(sub, role, departments)).upload(body, { prefer });
  }

  async #api(sub: string, role: string, departments?: readonly string[]): Promise<Api> {
    return new Api(this.#stage.url, await this.#stage.token({ sub, role, ...(departments ? { departments } : {}) }));
  }
}

function devicesOf(sub: string): readonly [Device, Device?] {
  return CITIZENS.find((citizen) => citizen.sub === sub)!.devices;
}

function actionOf(id: string, type: string, more: Partial<WireAction>): WireAction {
  return { client_id: id, action_type: type, entity_type: 'report', timestamp: hoursAgo(0), ...more };
}

function editOf(report: string, { id, data, base }: Edit, hours: number): WireAction {
  const edit = { entity_id: report, base_version: 1, timestamp: hoursAgo(hours), ...(base ? { base } : {}) };
  return data ? actionOf(id, 'update_report', { ...edit, data }) : actionOf(id, 'delete_report', edit);
}

function hoursAgo(hours: number): string {
  return new Date(Date.now() - hours * HOUR_MS).toISOString();
}

/** Numbers that look alike from day to day and are the same for the same day. */
function countsOf(day: string, ago: number): Counts {
  const weekday = new Date(day).getUTCDay();
  const weekend = weekday === 0 || weekday === 6;
  const outage = ago === 12;
  const noise = (salt: number) => (Math.sin(ago * 12.9898 + salt * 78.233) + 1) / 2;
  const actions = Math.round((weekend ? 120 : 260) * (1 + 0.35 * noise(1)) * (1.25 - ago / 160));
  const conflicts = Math.round(actions * (0.012 + 0.01 * noise(2)) * (outage ? 3.2 : 1));
  const rejected = Math.round(actions * (0.006 + 0.006 * noise(3)));
  const counts: Counts = {};
  add(counts, 'actions', actions);
  add(counts, 'success', actions - conflicts - rejected);
  add(counts, 'conflict', conflicts);
  add(counts, 'overlapped', conflicts);
  add(counts, 'rejected', rejected);
  add(counts, 'retried', outage ? 31 : Math.round(2 * noise(4)));
  for (let i = 0; i < 40; i++) {
    addTime(counts, 'duration', Math.round((90 + 160 * noise(i)) * (i > 36 ? 3 : 1) * (outage ? 4 : 1)));
    addTime(counts, 'offline', Math.round(60_000 * (1 + 45 * noise(i + 50) ** 3) * (i > 35 ? 6 : 1) * (outage ? 5 : 1)));
  }
  add(counts, 'devices', Math.round(38 + 14 * noise(5)));
  add(counts, 'uploads', Math.round(actions * 0.6));
  add(counts, 'downloads', Math.round(actions * 1.4));
  add(counts, 'bytes_in', Math.round(actions * 1900));
  add(counts, 'bytes_out', Math.round(actions * 5200 * (1 + 0.3 * noise(6))));
  return counts;
}
