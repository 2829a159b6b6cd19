import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, run, type Running } from './processes.ts';

/** Where Debian's package puts the server. */
const POSTGRES = '/usr/lib/postgresql/15/bin';

/** Whether it is there. */
export const hasPostgres = (): boolean => existsSync(join(POSTGRES, 'postgres'));

/** A PostgreSQL of its own in the folder, on loopback, with what logical replication needs. Gives its URL; what was started is added. */
export async function startPostgres(folder: string, started: Running[]): Promise<string> {
  // PostgreSQL refuses to run as root; Debian's package brings a user for it.
  const root = process.getuid?.() === 0;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  const owner = root ? { uid: id('-u'), gid: id('-g') } : {};
  if (owner.uid !== undefined) await chown(folder, owner.uid, owner.gid);
  const data = join(folder, 'data');
  execFileSync(join(POSTGRES, 'initdb'), ['-D', data, '-A', 'trust', '-U', 'bench'], { stdio: 'pipe', ...owner });
  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1', port, unix_socket_directories: folder, wal_level: 'logical', max_wal_senders: 10, max_replication_slots: 10, max_connections: 200,
  };
  const args = ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  started.push(await run(join(POSTGRES, 'postgres'), args, (output) => output.includes('ready to accept connections'), owner));
  return `postgres://bench@127.0.0.1:${port}/postgres`;
}
