import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Zero } from '@rocicorp/zero';
import { createMemoryIds } from '../../src/adapters/memory/ids.ts';
import type { Peer, PeerDevice, Small } from './peer.ts';
import { startPostgres } from './postgres.ts';
import { freePort, run, type Running } from './processes.ts';
import { mutators, queries, schema } from './zero-schema.ts';

/** Rocicorp Zero: PostgreSQL, zero-cache, an API server, and clients that hold their rows in memory. */
export async function startZero(dataRoot: string): Promise<Peer> {
  const folder = await mkdtemp(join(dataRoot, 'fieldsync-zero-'));
  const started: Running[] = [];
  const stop = async () => {
    for (const process of started.toReversed()) await process.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const database = await startPostgres(folder, started);
    const [api, cache] = [await freePort(), await freePort()];
    started.push(await run(process.execPath, [join(import.meta.dirname, 'zero-api.ts'), database, String(api)], (output) => output.includes('ready')));
    const env = {
      ...process.env,
      ZERO_UPSTREAM_DB: database, ZERO_PORT: String(cache), ZERO_REPLICA_FILE: join(folder, 'replica.db'), ZERO_LOG_LEVEL: 'warn',
      ZERO_MUTATE_URL: `http://127.0.0.1:${api}/mutate`, ZERO_QUERY_URL: `http://127.0.0.1:${api}/query`,
      ZERO_NUM_SYNC_WORKERS: '1', ZERO_ENABLE_TELEMETRY: 'false', DO_NOT_TRACK: '1', ZERO_ADMIN_PASSWORD: 'bench', NODE_ENV: 'production',
    };
    const cli = join(dirname(createRequire(import.meta.url).resolve('@rocicorp/zero')), 'cli.js');
    const url = `http://127.0.0.1:${cache}`;
    started.push(await run(process.execPath, [cli], () => answers(url), { env }));
    const ids = createMemoryIds(3);
    return {
      name: 'Rocicorp Zero',
      stop,
      person: async () => {
        const owner = ids.uuid();
        return { device: () => device(url, owner, ids.uuid) };
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

async function device(server: string, owner: string, uuid: () => string): Promise<PeerDevice> {
  const zero = new Zero({ server, userID: owner, auth: owner, schema, mutators, storageKey: uuid(), kvStore: 'mem', logLevel: 'error' });
  const view = zero.materialize(queries.mine({ owner }));
  let held = 0;
  let complete = false;
  const waiting = new Set<() => void>();
  view.addListener((rows, state) => {
    // Rows that are only this device's own are not the server's yet.
    complete ||= state === 'complete';
    held = rows.length;
    for (const look of waiting) look();
  });
  const until = (what: () => boolean) => new Promise<void>((resolve) => {
    const look = () => {
      if (!what()) return;
      waiting.delete(look);
      resolve();
    };
    waiting.add(look);
    look();
  });
  await until(() => complete);
  return {
    send: async (records: readonly Small[]) => {
      await Promise.all(records.map(async (record) => {
        const { type, ...rest } = await zero.mutate(mutators.create({ ...record, id: uuid(), owner })).server;
        if (type === 'error') throw new Error(`zero: ${JSON.stringify(rest)}`);
      }));
    },
    holds: (count) => until(() => held >= count),
    close: async () => {
      view.destroy();
      await zero.close();
    },
  };
}
