import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';

/** What an object is made of: its path `/bucket/key`, what S3 remembers of the request, and its bytes. */
export interface StoredObject {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const REMEMBERED = ['content-type', 'x-amz-checksum-sha256'];

/** Keeps objects over a restart, as the database keeps its rows: one file each. The S3 behind has them in memory only. */
export class ObjectsOnDisk {
  readonly #folder: string | undefined;

  /** Without a folder nothing is kept. */
  constructor(folder: string | undefined) {
    this.#folder = folder;
  }

  async all(): Promise<StoredObject[]> {
    if (this.#folder === undefined) return [];
    await mkdir(this.#folder, { recursive: true });
    const files = (await readdir(this.#folder)).filter((file) => !file.endsWith('.tmp'));
    return Promise.all(files.map((file) => this.#read(join(this.#folder!, file))));
  }

  async put(path: string, headers: IncomingHttpHeaders, body: Buffer): Promise<void> {
    if (this.#folder === undefined) return;
    const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => REMEMBERED.includes(name)));
    const head = Buffer.from(`${JSON.stringify({ path, headers: kept })}\n`);
    const file = this.#file(path);
    await writeFile(`${file}.tmp`, Buffer.concat([head, body]));
    await rename(`${file}.tmp`, file);
  }

  async copy(from: string, to: string): Promise<void> {
    if (this.#folder === undefined) return;
    const { headers, body } = await this.#read(this.#file(from));
    await this.put(to, headers, body);
  }

  async remove(path: string): Promise<void> {
    if (this.#folder !== undefined) await rm(this.#file(path), { force: true });
  }

  #file(path: string): string {
    return join(this.#folder!, Buffer.from(path.startsWith('/') ? path : `/${path}`).toString('base64url'));
  }

  async #read(file: string): Promise<StoredObject> {
    const bytes = await readFile(file);
    const end = bytes.indexOf('\n');
    const { path, headers } = JSON.parse(bytes.subarray(0, end).toString()) as Omit<StoredObject, 'body'>;
    return { path, headers, body: bytes.subarray(end + 1) };
  }
}
