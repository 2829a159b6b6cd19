import type { Commit, Scope } from '../../../src/engine/model.ts';
import type { Ports } from '../../../src/service/ports.ts';
import type { BatchHeader } from '../../../src/service/ports/inbox.ts';
import type { Task } from '../core/task.ts';
import { mixedCommits, mixedHeaders, mixedRows, oldEnough } from './stale.ts';
import type { Stores } from './stores.ts';
import type { World } from './world.ts';

/** How far an index may lag, ms. */
const LONGEST_LAG_MS = 20_000;

/**
 * The ports as one task has them: each call is a step of the task; reads are as stale as their guarantee allows; every
 * effect is told to those who watch.
 */
export function storePorts(world: World, task: Task): Pick<Ports, 'log' | 'entities' | 'actions' | 'conflicts' | 'inbox' | 'devices' | 'attachments' | 'queue'> {
  const { faults, watchers } = world;
  const read = <T>(port: string, effect: (stores: Stores) => Promise<T>, what: () => string): Promise<T> =>
    task.step(port, () => effect(world.stores), (result) => `${port} ${what()}${result === undefined ? '' : ` → ${brief(result)}`}`);
  const write = <T>(port: string, effect: (stores: Stores) => Promise<T>, what: () => string, note?: (result: T) => void | Promise<void>): Promise<T> =>
    task.step(
      port,
      async () => {
        world.journal.add(world.now, effect);
        const result = await effect(world.stores);
        await note?.(result);
        return result;
      },
      (result) => `${port} ${what()}${result === undefined ? '' : ` → ${brief(result)}`}`,
    );
  /** Is this read one of the unlucky? Asked before the step, while its number is still the next one's. */
  const unlucky = () => faults.chance('stale', task.key, task.steps);
  const coin = (step: number) => (name: number) => faults.unit(task.key ^ name, step, 12) < 0.5;
  /** A strong read of several rows: it sees of what is written meanwhile some, not all. */
  async function readRows<Row>(port: string, rows: (stores: Stores) => Promise<Map<string, Row>>, what: () => string): Promise<Map<string, Row>> {
    const flip = coin(task.steps);
    const before = unlucky() ? await rows(world.stores) : undefined;
    const effect = async (s: Stores) => {
      const now = await rows(s);
      return before ? mixedRows(before, now, flip) : now;
    };
    return read(port, effect, what);
  }
  const lagged = () => world.lagging.at(world.now - faults.unit(task.key, task.steps, 13) * LONGEST_LAG_MS);

  return {
    log: {
      head: (scope) => read('log.head', (s) => s.log.head(scope), () => scope),
      async read(scope, after, upTo, options) {
        const rough = unlucky();
        const flip = coin(task.steps);
        const there = async () => whole(world, scope, await world.stores.log.read(scope, after, upTo, { strong: true }));
        const before = rough && options.strong ? await there() : undefined;
        const what = () => `${scope} after ${after}${options.strong ? ' strongly' : ''}`;
        const effect = async () => {
          const all = await there();
          let seen = all.commits;
          if (before) seen = mixedCommits(before.commits, seen, flip);
          else if (rough) seen = oldEnough(seen, (n) => world.now - (world.putAt.get(`${scope}/${n}`) ?? 0), flip);
          if (seen.length < all.commits.length) world.count(options.strong ? 'a strong read was torn' : 'a stale log read');
          const commits = seen.slice(0, options.limit);
          return { commits, end: all.end && commits.length === seen.length };
        };
        return task.step('log.read', effect, (r) => `log.read ${what()} → ${r ? `${r.commits.map((c) => c.n).join(',')}${r.end ? '' : '…'}` : ''}`);
      },
      put: (commit) =>
        write('log.put', (s) => s.log.put(commit), () => `${commit.scope} ${commit.n} [${contents(commit)}]`, (result) => {
          if (result !== 'put') return;
          world.putAt.set(`${commit.scope}/${commit.n}`, world.now);
          for (const watcher of watchers) watcher.committed?.(commit, task);
        }),
      async advance(scope, applied, appliedAt, epoch) {
        let from = 0;
        await write(
          'log.advance',
          async (s) => {
            from = (await s.log.head(scope)).applied;
            await s.log.advance(scope, applied, appliedAt, epoch);
          },
          () => `${scope} to ${applied}`,
          async () => {
            const to = (await world.stores.log.head(scope)).applied;
            if (to !== from) for (const watcher of watchers) await watcher.advanced?.(scope, from, to, task);
          },
        );
      },
      startEpoch: (scope, head, epoch, start) =>
        write('log.startEpoch', (s) => s.log.startEpoch(scope, head, epoch, start), () => `${scope} ${epoch} at ${start}`, (began) => {
          if (began) for (const watcher of watchers) watcher.epochBegan?.(scope, head);
        }),
      async *heads(after) {
        await read('log.heads', async () => undefined, () => '');
        yield* world.stores.log.heads(after);
      },
    },

    entities: {
      get: (keys) => readRows('entities.get', (s) => s.entities.get(keys), () => keys.map(({ scope, key }) => `${scope}/${key}`).join(' ')),
      put: (row) => write('entities.put', (s) => s.entities.put(row), () => `${row.scope} ${row.type} ${row.entityId} v${row.version} ${row.state}`),
      putAlias: (alias) => write('entities.putAlias', (s) => s.entities.putAlias(alias), () => `${alias.scope} ${alias.serverId} ${alias.live}`),
      alias: (scope, serverId) => read('entities.alias', (s) => s.entities.alias(scope, serverId), () => `${scope} ${serverId}`),
      async find(scope, type, entityId) {
        const found = async (s: Stores) => new Map((await s.entities.find(scope, type, entityId)).map((row) => [row.home, row]));
        return [...(await readRows('entities.find', found, () => `${scope} ${type} ${entityId}`)).values()];
      },
      async page(scope, type, after, limit) {
        const rough = unlucky();
        const flip = coin(task.steps);
        const stores = world.staleSnapshots && rough ? await lagged() : undefined;
        const before = rough ? await world.stores.entities.page(scope, type, after, limit) : undefined;
        const effect = async (s: Stores) => {
          const page = await (stores ?? s).entities.page(scope, type, after, limit);
          if (!before) return page;
          const keyed = (rows: typeof page.rows) => new Map(rows.map((row) => [`${row.home}#${row.entityId}`, row]));
          return { ...page, rows: [...mixedRows(keyed(before.rows), keyed(page.rows), flip).values()] };
        };
        return read('entities.page', effect, () => `${scope} ${type} after '${after}' ${limit}`);
      },
      takeServerIds: (count) => write('entities.takeServerIds', (s) => s.entities.takeServerIds(count), () => `${count}`),
    },

    actions: {
      get: (keys) => readRows('actions.get', (s) => s.actions.get(keys), () => keys.map(({ clientId }) => clientId).join(' ')),
      put: (row) => write('actions.put', (s) => s.actions.put(row), () => `${row.user} ${row.clientId} ${row.status} at ${row.scope} ${row.n}`),
      list: (user, after, limit) => read('actions.list', (s) => s.actions.list(user, after, limit), () => user),
    },

    conflicts: {
      get: (keys) => readRows('conflicts.get', (s) => s.conflicts.get(keys), () => keys.map(({ id }) => id).join(' ')),
      owner: async (id) => {
        const stores = await lagged();
        return read('conflicts.owner', () => stores.conflicts.owner(id), () => id);
      },
      put: (row) => write('conflicts.put', (s) => s.conflicts.put(row), () => `${row.id} ${row.status} n${row.n}`),
      putPointer: (pointer) => write('conflicts.putPointer', (s) => s.conflicts.putPointer(pointer), () => `${pointer.key} → ${pointer.conflictId} ${pointer.open}`),
      pointer: (user, key) => read('conflicts.pointer', (s) => s.conflicts.pointer(user, key), () => key),
      countOpen: (user, device) => read('conflicts.countOpen', (s) => s.conflicts.countOpen(user, device), () => device),
      list: (user, after, limit) => read('conflicts.list', (s) => s.conflicts.list(user, after, limit), () => user),
      listOpen: async (after, limit) => {
        const stores = await lagged();
        return read('conflicts.listOpen', () => stores.conflicts.listOpen(after, limit), () => '');
      },
    },

    inbox: {
      put: (header, payload) =>
        write('inbox.put', (s) => s.inbox.put(header, payload), () => `${header.owner.device} ${header.batchId} → ${header.scope} [${ids(header)}]`, () => {
          for (const watcher of watchers) watcher.stored?.(header, payload, task);
        }),
      async headers(owner) {
        const rough = unlucky();
        const cut = faults.unit(task.key, task.steps, 14);
        const before = rough ? await world.stores.inbox.headers(owner) : undefined;
        const effect = async (s: Stores) => {
          const headers = await s.inbox.headers(owner);
          return before ? mixedHeaders(before, headers, cut) : headers;
        };
        return read('inbox.headers', effect, () => owner.device);
      },
      header: (owner, batchId) => read('inbox.header', (s) => s.inbox.header(owner, batchId), () => batchId),
      payloads: (headers) => read('inbox.payloads', (s) => s.inbox.payloads(headers), () => headers.map(({ batchId }) => batchId).join(' ')),
      change(header, change) {
        const asRead = structuredClone(header);
        return write('inbox.change', (s) => s.inbox.change(asRead, change), () => `${header.owner.device} ${header.batchId} ${JSON.stringify(change)}`, (changed) => {
          if (changed) for (const watcher of watchers) watcher.changed?.(asRead, change);
        });
      },
      remove: (header) =>
        write('inbox.remove', async (s) => {
          if (s === world.stores) for (const watcher of watchers) await watcher.removing?.(header.owner, header.batchId);
          await s.inbox.remove(header);
        }, () => `${header.owner.device} ${header.batchId}`),
      park: (note) => write('inbox.park', (s) => s.inbox.park(note), () => `${note.note.scope} ${note.id}`),
      hold: (note) => write('inbox.hold', (s) => s.inbox.hold(note), () => `${note.note.scope} ${note.id} ${note.holder}`),
      unpark: (scope, id, holder) => write('inbox.unpark', (s) => s.inbox.unpark(scope, id, holder), () => `${scope} ${id} ${holder}`),
      repark: (note, change) => write('inbox.repark', (s) => s.inbox.repark(note, change), () => `${note.note.scope} ${note.id}`),
      async due(until, limit) {
        const stores = await lagged();
        const effect = async () => {
          const { rows, unreadable } = await stores.inbox.due(until, limit);
          const now = await Promise.all(rows.map(async (row) => ('note' in row ? row : await world.stores.inbox.header(row.owner, row.batchId))));
          return { rows: now.filter((row) => row !== undefined && ('note' in row || row.state === 'pending')) as typeof rows, unreadable };
        };
        return task.step('inbox.due', effect, (due) => `inbox.due → ${due?.rows.length ?? ''}`);
      },
      async list(state, after, limit) {
        const stores = await lagged();
        const effect = async () => {
          const page = await stores.inbox.list(state, after, limit);
          const rows = await Promise.all(page.rows.map((row) => world.stores.inbox.header(row.owner, row.batchId)));
          return { ...page, rows: rows.filter((row) => row !== undefined) };
        };
        return task.step('inbox.list', effect, () => `inbox.list ${state}`);
      },
    },

    devices: {
      get: (user, device) => read('devices.get', (s) => s.devices.get(user, device), () => device),
      list: (user, after, limit) => read('devices.list', (s) => s.devices.list(user, after, limit), () => user),
      listAll: async (after, limit) => {
        const stores = await lagged();
        return read('devices.listAll', () => stores.devices.listAll(after, limit), () => '');
      },
      admit: (user, device, most) => write('devices.admit', (s) => s.devices.admit(user, device, most), () => device),
      countUpload: (user, device, note) => write('devices.countUpload', (s) => s.devices.countUpload(user, device, note), () => device),
      noteDownload: (user, device, note) => write('devices.noteDownload', (s) => s.devices.noteDownload(user, device, note), () => device),
      remembered: (user, device) => read('devices.remembered', (s) => s.devices.remembered(user, device), () => device),
      remember: (user, device, was, entries) => write('devices.remember', (s) => s.devices.remember(user, device, was, entries), () => device),
    },

    attachments: {
      get: (ids) => read('attachments.get', (s) => s.attachments.get(ids), () => ids.join(' ')),
      count: (user, day, size) => write('attachments.count', (s) => s.attachments.count(user, day, size), () => user),
      announce: (row, now) =>
        write('attachments.announce', (s) => s.attachments.announce(row, now), () => row.id, (announced) => {
          if (announced) for (const watcher of watchers) watcher.announced?.(row);
        }),
      expect: (id, until) =>
        write('attachments.expect', (s) => s.attachments.expect(id, until), () => id, () => {
          for (const watcher of watchers) watcher.expected?.(id);
        }),
      settle: (id, word) => write('attachments.settle', (s) => s.attachments.settle(id, word), () => `${id} ${word.state}`),
      link: (link, dueAt) => write('attachments.link', (s) => s.attachments.link(link, dueAt), () => `${link.id} ${link.key} ${link.live}`),
      keep: (id) => write('attachments.keep', (s) => s.attachments.keep(id), () => id),
      giveUp: (row) =>
        write('attachments.giveUp', (s) => s.attachments.giveUp(row), () => row.id, (gaveUp) => {
          if (gaveUp) for (const watcher of watchers) watcher.gaveUp?.(row.id);
        }),
      postpone: (row, dueAt, looks) => write('attachments.postpone', (s) => s.attachments.postpone(row, dueAt, looks), () => row.id),
      remove: (id) =>
        write('attachments.remove', (s) => s.attachments.remove(id), () => id, () => {
          for (const watcher of watchers) watcher.forgotten?.(id);
        }),
      due: async (until, limit) => {
        const stores = await lagged();
        return read('attachments.due', () => stores.attachments.due(until, limit), () => '');
      },
    },

    queue: {
      async send(messages) {
        for (const { id, message } of messages) {
          await task.step(
            'queue.send',
            async () => {
              const kept = world.queue.send(id, message);
              if (!kept) world.count('the queue dropped a repetition');
              for (const watcher of watchers) watcher.sent?.(message);
              return kept;
            },
            (kept) => `queue.send ${id} → ${kept === false ? 'dropped as a repetition' : 'kept'}`,
          );
        }
      },
      delay: (receipt, seconds) => task.step('queue.delay', async () => world.queue.delay(receipt, seconds * 1000), () => `queue.delay ${receipt} ${seconds} s`),
    },
  };
}

function whole(world: World, scope: Scope, read: { commits: Commit[]; end: boolean }): { commits: Commit[]; end: boolean } {
  return world.lost.size === 0 ? read : { ...read, commits: read.commits.filter(({ n }) => !world.lost.has(`${scope}/${n}`)) };
}

function contents(commit: Commit): string {
  const copies = commit.changes.filter(({ row }) => row.home !== commit.scope);
  const outcomes = commit.outcomes.map((o) => `${o.clientId} ${o.actionType} ${o.status}${o.resolution ? ` ${o.resolution}` : ''}${o.code ? ` ${o.code}` : ''}`);
  return [...outcomes, ...copies.map(({ row }) => `${row.type} ${row.entityId} v${row.version} ${row.state}`)].join('; ');
}

function ids(header: BatchHeader): string {
  return header.actions.map(({ clientId }) => clientId).join(' ');
}

function brief(result: unknown): string {
  if (result instanceof Map) return `${result.size} of them`;
  if (Array.isArray(result)) return `${result.length} of them`;
  const text = JSON.stringify(result) ?? '';
  return text.length > 140 ? `${text.slice(0, 140)}…` : text;
}
