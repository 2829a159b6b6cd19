import { appSchema, Database, Model, Q, tableSchema } from '@nozbe/watermelondb';
import type { DatabaseAdapter } from '@nozbe/watermelondb';
import * as lokijs from '@nozbe/watermelondb/adapters/lokijs/index.js';
import { synchronize } from '@nozbe/watermelondb/sync/index.js';
import { beforeEach, describe, expect, it } from 'vitest';
import { FIELDSYNC_COLUMNS, fieldsyncSync } from '../../../client/adapters/watermelondb.ts';
import type { HttpRequest } from '../../../client/src/network.ts';
import type { Verdict } from '../../../client/src/direct.ts';
import { reportsSync, schema } from '../../../examples/libraries/watermelondb.ts';
import { domain } from '../../../examples/reports/domain.ts';
import type { Claims } from '../../../src/engine/model.ts';
import { citizen, officer } from '../../support/world.ts';
import { Backend, tokenOf } from '../../support/client/backend.ts';

class Profile extends Model {
  static override table = 'profiles';
}

class Report extends Model {
  static override table = 'reports';

  get raw(): Record<string, unknown> {
    return this._raw as unknown as Record<string, unknown>;
  }
}

// CommonJS, with types that say otherwise.
const { default: LokiJSAdapter } = lokijs as unknown as { default: new (options: object) => DatabaseAdapter };
const { default: Loki } = (await import('lokijs' as string)) as { default: { LokiMemoryAdapter: new () => object } };

const PROFILES = tableSchema({ name: 'profiles', columns: [...['name', 'phone', 'language', 'home_area', 'notifications'].map((name) => ({ name, type: 'string' as const, isOptional: true })), ...FIELDSYNC_COLUMNS] });

let backend: Backend;

beforeEach(() => {
  backend = new Backend();
});

function device(claims: Claims, deviceId: string) {
  const adapter = new LokiJSAdapter({
    dbName: `watermelon-${Math.random()}`,
    schema: appSchema({ version: 1, tables: [...Object.values(schema.tables), PROFILES] }),
    useWebWorker: false,
    useIncrementalIndexedDB: false,
    _testLokiAdapter: new Loki.LokiMemoryAdapter(),
  });
  const database = new Database({ adapter, modelClasses: [Report, Profile] });
  const verdicts: Verdict[] = [];
  const who = { claims, isForgotten: false };
  const network = backend.network();
  const api = {
    baseUrl: 'http://backend.invalid',
    token: async () => tokenOf(who.claims),
    deviceId,
    network: { fetch: (url: string, request: HttpRequest) => network.fetch(who.isForgotten ? url.replace(/since=[^&]+/, 'since=2001-01-01T00:00:00.000Z') : url, request) },
  };
  const said: string[] = [];
  const example = reportsSync(database, api, (text) => said.push(text));
  const { pending, ...args } = fieldsyncSync({
    ...api,
    database,
    domain,
    tables: { report: 'reports', profile: 'profiles' },
    json: ['tags', 'photos'],
    onVerdict: (verdict) => verdicts.push(verdict),
  });
  const reports = database.get<Report>('reports');
  const write = (report: Report, fields: Record<string, unknown>) => {
    for (const [name, value] of Object.entries(fields)) report._setRaw(name, value as string);
  };
  return {
    verdicts,
    /** Its timestamp means nothing to the server any more. */
    who,
    pending,
    synced: () => synchronize(args),
    /** The app is killed when it has pulled, and before it applies that. */
    killedWhilePulling: async () => {
      const pullChanges: typeof args.pullChanges = async (of) => {
        await args.pullChanges(of);
        throw new Error('killed');
      };
      await expect(synchronize({ ...args, pullChanges })).rejects.toThrow('killed');
    },
    /** Counts the rows that queries give from now on. */
    countsRows() {
      const counted = { read: 0 };
      const { underlyingAdapter: under } = database.adapter;
      const query = under.query.bind(under);
      under.query = (of, callback) =>
        query(of, (result) => {
          if ('value' in result) counted.read += result.value.length;
          callback(result);
        });
      return counted;
    },
    example,
    said,
    create: (id: string, fields: object) =>
      database.write(() => reports.create((report) => {
        report._raw.id = id;
        write(report, { category: 'roads', ...fields });
      })),
    edit: async (id: string, fields: Record<string, unknown>) => {
      const report = await reports.find(id);
      await database.write(() => report.update((it) => write(it, fields)));
    },
    rename: async (sub: string, name: string) => {
      const [profile] = await database.get<Profile>('profiles').query(Q.where('id', sub)).fetch();
      const put = (it: Model) => it._setRaw('name', name);
      if (profile) return database.write(() => profile.update(put));
      return database.write(() => database.get<Profile>('profiles').create((it) => {
        it._raw.id = sub;
        put(it);
      }));
    },
    names: async () => (await database.get<Profile>('profiles').query().fetch()).map(({ _raw }) => (_raw as unknown as { name: string }).name),
    remove: async (id: string) => {
      const report = await reports.find(id);
      await database.write(() => report.markAsDeleted());
    },
    all: async () => {
      const rows = (await reports.query().fetch()).map(({ raw }) => raw);
      return rows.map(({ id, title, status, tags, version, server_id }) => ({ id, title, status, tags, version, server_id })).sort((a, b) => (String(a.id) < String(b.id) ? -1 : 1));
    },
  };
}

describe('WatermelonDB with Fieldsync', () => {
  it('sends new rows, brings them to other devices, and sends edits and deletes', async () => {
    const phone = device(citizen('alice'), 'phone');
    const tablet = device(citizen('alice'), 'tablet');
    await phone.create('r-1', { title: 'Pothole', tags: '["road"]' });
    await phone.create('r-2', { title: 'Lamp' });
    await phone.synced();
    await tablet.synced();
    expect(await tablet.all()).toMatchObject([{ id: 'r-1', title: 'Pothole', tags: '["road"]', status: 'received', version: 1, server_id: expect.any(Number) }, { id: 'r-2' }]);
    await tablet.edit('r-1', { title: 'Deep pothole' });
    await tablet.remove('r-2');
    await tablet.synced();
    await phone.synced();
    await tablet.synced();
    expect(await phone.all()).toEqual(await tablet.all());
    expect(await phone.all()).toMatchObject([{ id: 'r-1', title: 'Deep pothole' }]);
    expect([...phone.verdicts, ...tablet.verdicts]).toEqual([]);
  });

  it('does not overwrite unseen what somebody else wrote; it tells what lost (P4)', async () => {
    const phone = device(citizen('alice'), 'phone');
    const tablet = device(citizen('alice'), 'tablet');
    await phone.create('r-1', { title: 'Pothole' });
    await phone.synced();
    await phone.synced();
    await tablet.synced();
    await tablet.edit('r-1', { title: 'Theirs' });
    await tablet.synced();
    await phone.edit('r-1', { title: 'Mine', tags: '["urgent"]' });
    await phone.synced();
    expect(phone.verdicts).toMatchObject([{ action: { data: { title: 'Mine' } }, result: { status: 'conflict', resolution: 'unresolved' } }]);
    expect(await phone.pending()).toBe(1);
    await phone.synced();
    expect(await phone.pending()).toBe(0);
    await tablet.synced();
    expect(await phone.all()).toEqual(await tablet.all());
    expect(await phone.all()).toMatchObject([{ title: 'Theirs', tags: '["urgent"]' }]);
  });

  it('does nothing twice when an answer is lost', async () => {
    const phone = device(citizen('alice'), 'phone');
    await phone.create('r-1', { title: 'Pothole' });
    backend.fate = ({ path }) => (path.endsWith('/upload') ? 'unanswered' : 'well');
    await expect(phone.synced()).rejects.toThrow('No answer');
    backend.fate = () => 'well';
    // Edited before it is known that the creation arrived.
    await phone.edit('r-1', { title: 'Deep pothole' });
    await phone.synced();
    await phone.synced();
    expect(await phone.all()).toMatchObject([{ id: 'r-1', title: 'Deep pothole', version: 2 }]);
    expect(phone.verdicts).toEqual([]);
  });

  it('bases edits on what its user saw last, although the answer to an earlier one was lost (P4)', async () => {
    const phone = device(citizen('alice'), 'phone');
    const tablet = device(citizen('alice'), 'tablet');
    await phone.create('r-1', { title: 'Pothole' });
    await phone.synced();
    await phone.synced();
    await phone.edit('r-1', { tags: '["urgent"]' });
    backend.fate = ({ path }) => (path.endsWith('/upload') ? 'unanswered' : 'well');
    await expect(phone.synced()).rejects.toThrow('No answer');
    backend.fate = () => 'well';
    await tablet.synced();
    await tablet.edit('r-1', { title: 'Deep pothole' });
    await tablet.synced();
    await phone.synced();
    while ((await phone.pending()) > 0) await phone.synced();
    expect(await phone.all()).toMatchObject([{ title: 'Deep pothole', tags: '["urgent"]', version: 3 }]);
    await phone.edit('r-1', { title: 'Deeper pothole' });
    await phone.synced();
    await tablet.synced();
    expect(phone.verdicts).toEqual([]);
    expect(await tablet.all()).toMatchObject([{ title: 'Deeper pothole', tags: '["urgent"]' }]);
  });

  it('has the version of the record although it changed nothing, because two people set the same', async () => {
    const phone = device(citizen('alice'), 'phone');
    const tablet = device(citizen('alice'), 'tablet');
    await phone.create('r-1', { title: 'Pothole' });
    await phone.synced();
    await phone.synced();
    await tablet.synced();
    await tablet.edit('r-1', { title: 'Deep pothole', tags: '["urgent"]' });
    await tablet.synced();
    await phone.edit('r-1', { title: 'Deep pothole' });
    await phone.synced();
    while ((await phone.pending()) > 0) await phone.synced();
    await tablet.synced();
    expect(await phone.all()).toEqual(await tablet.all());
  });

  it('seeks a record that left by its id, and does not read the table for it', async () => {
    const phone = device(citizen('alice'), 'phone');
    const desk = device(officer('olga', 'roads'), 'desk');
    for (let i = 0; i < 30; i++) await phone.create(`r-${i}`, { title: 'stays' });
    await phone.synced();
    await backend.world.settle();
    await desk.synced();
    await phone.edit('r-7', { category: 'parks' });
    await phone.synced();
    await backend.world.settle();
    const rows = desk.countsRows();
    await desk.synced();
    expect(rows.read).toBeLessThan(10);
    expect((await desk.all()).map(({ id }) => id)).not.toContain('r-7');
  });

  it('undoes what was refused, and tells why', async () => {
    const phone = device(citizen('alice'), 'phone');
    await phone.create('r-1', { title: 'Pothole' });
    await phone.synced();
    await phone.synced();
    await phone.edit('r-1', { status: 'resolved' });
    await phone.create('r-2', { title: ' ' });
    await phone.synced();
    await phone.synced();
    expect(await phone.all()).toMatchObject([{ id: 'r-1', status: 'received' }]);
    expect(phone.verdicts.map(({ result }) => result.error?.code).sort()).toEqual(['forbidden', 'validation_failed']);
  });

  it('keeps the user’s one profile, whose id is theirs, and undoes what was refused of it', async () => {
    const phone = device(citizen('alice'), 'phone');
    await phone.rename('alice', 'Alice');
    await phone.synced();
    await phone.synced();
    await phone.rename('alice', 'x'.repeat(500));
    await phone.synced();
    expect(phone.verdicts).toMatchObject([{ result: { status: 'rejected' } }]);
    await phone.synced();
    expect(await phone.names()).toEqual(['Alice']);
  });

  it('undoes what was refused also if it is killed while it does', async () => {
    const phone = device(citizen('alice'), 'phone');
    await phone.create('r-1', { title: 'Pothole' });
    await phone.synced();
    await phone.synced();
    await phone.edit('r-1', { status: 'resolved' });
    await phone.synced();
    await phone.killedWhilePulling();
    expect(await phone.pending()).toBe(1);
    await phone.synced();
    expect(await phone.all()).toMatchObject([{ id: 'r-1', status: 'received' }]);
    expect(await phone.pending()).toBe(0);
  });

  it('goes on asking for what the server has not decided', async () => {
    const phone = device(citizen('alice'), 'phone');
    backend.working = false;
    await phone.create('r-1', { title: ' ' });
    await phone.synced();
    expect([await phone.pending(), phone.verdicts]).toEqual([1, []]);
    backend.working = true;
    await backend.world.settle();
    await phone.synced();
    expect(phone.verdicts).toMatchObject([{ result: { status: 'rejected' } }]);
    expect([await phone.pending(), await phone.all()]).toEqual([0, []]);
  });

  it('drops what left the user’s sight', async () => {
    const phone = device(citizen('alice'), 'phone');
    const desk = device(officer('olga', 'roads'), 'desk');
    await phone.create('r-1', { title: 'stays' });
    await phone.create('r-2', { title: 'moves' });
    await phone.synced();
    await backend.world.settle();
    await desk.synced();
    expect(await desk.all()).toHaveLength(2);
    await phone.edit('r-2', { category: 'parks' });
    await phone.synced();
    await backend.world.settle();
    await desk.synced();
    expect(await desk.all()).toMatchObject([{ id: 'r-1' }]);
  });

  it('drops all that the server can no longer name, when it does not know the device any more (P5, P10)', async () => {
    const phone = device(citizen('alice'), 'phone');
    const desk = device(officer('olga', 'roads', 'parks'), 'desk');
    await phone.create('r-1', { title: 'on a road' });
    await phone.create('r-2', { title: 'in a park', category: 'parks' });
    await phone.synced();
    await backend.world.settle();
    await desk.synced();
    expect(await desk.all()).toHaveLength(2);
    // As after a restore of the tables: nothing tells what this device was given.
    const { devices } = backend.world.ports;
    await devices.remember('olga', 'desk', await devices.remembered('olga', 'desk'), []);
    Object.assign(desk.who, { claims: officer('olga', 'roads'), isForgotten: true });
    await desk.synced();
    expect(await desk.all()).toMatchObject([{ id: 'r-1' }]);
  });

  it('does what the example says', async () => {
    const phone = device(citizen('alice'), 'phone');
    await phone.create('r-1', { title: 'Pothole' });
    await phone.create('r-2', { title: ' ' });
    await phone.example();
    expect(await phone.all()).toMatchObject([{ id: 'r-1', title: 'Pothole', version: 1 }]);
    expect(phone.said).toHaveLength(1);
  });
});
