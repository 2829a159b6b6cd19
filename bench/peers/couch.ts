import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createMemoryIds } from '../../src/adapters/memory/ids.ts';
import type { Peer, PeerDevice, Small } from './peer.ts';
import { freePort, run } from './processes.ts';

/** CouchDB's protocol, served by express-pouchdb over LevelDB: a database per person, `_bulk_docs` and `_changes`. */
export async function startCouch(dataRoot: string): Promise<Peer> {
  const folder = await mkdtemp(join(dataRoot, 'fieldsync-couch-'));
  const port = await freePort();
  const server = await run(process.execPath, [join(import.meta.dirname, 'couch-server.ts'), folder, String(port)], (output) => output.includes('ready'));
  const ids = createMemoryIds(4);
  return {
    name: 'express-pouchdb',
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
    person: async () => {
      const database = `http://127.0.0.1:${port}/u-${ids.uuid()}`;
      await ask(database, { method: 'PUT' });
      return { device: async () => device(database, ids.uuid) };
    },
  };
}

function device(database: string, uuid: () => string): PeerDevice {
  let since: unknown = 0;
  const docs = new Set<string>();
  return {
    send: async (records: readonly Small[]) => {
      const answer = await ask(`${database}/_bulk_docs`, { method: 'POST', body: JSON.stringify({ docs: records.map((record) => ({ _id: uuid(), ...record })) }) });
      if ((answer as { ok?: true }[]).some(({ ok }) => !ok)) throw new Error(`couch: ${JSON.stringify(answer)}`);
    },
    holds: async (count) => {
      while (docs.size < count) {
        // Waits for the next change, as replication does.
        const page = await ask(`${database}/_changes?feed=longpoll&timeout=10000&include_docs=true&limit=1000&since=${since}`) as
          { results: { id: string }[]; last_seq: unknown };
        for (const { id } of page.results) docs.add(id);
        since = page.last_seq;
      }
    },
    close: async () => undefined,
  };
}

async function ask(url: string, init: RequestInit = {}): Promise<unknown> {
  const answer = await fetch(url, { ...init, headers: { 'content-type': 'application/json' } });
  if (!answer.ok) throw new Error(`couch: ${answer.status} ${await answer.text()}`);
  return answer.json();
}
