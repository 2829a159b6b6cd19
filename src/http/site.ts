import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A file of the documentation, made when the function is bundled. It is stored in brotli, as `<file>`. */
export type SiteFile = { file: string; type: string; etag: string; forever: boolean };

/** The site's files by their paths without the leading slash: `docs`, `docs/errors`, `openapi.json`, … */
export type Manifest = Readonly<Record<string, SiteFile>>;

/** Below the function's own folder. */
export const SITE_FOLDER = 'site';
export const MANIFEST = 'manifest.json';

/** The site that lies in a function's folder; read at the first use, and kept. */
export class Site {
  readonly #folder: string;
  #manifest: Manifest | undefined;
  readonly #read = new Map<string, Buffer>();

  /** `folder`: where the function's code is. */
  constructor(folder: string) {
    this.#folder = join(folder, SITE_FOLDER);
  }

  /** What is at a path, and its bytes in brotli; nothing for a path that the site does not have. */
  at(path: string): (SiteFile & { brotli: Buffer }) | undefined {
    this.#manifest ??= JSON.parse(readFileSync(join(this.#folder, MANIFEST), 'utf8')) as Manifest;
    // Only names of the manifest lead to a file.
    const found = Object.hasOwn(this.#manifest, path) ? this.#manifest[path] : undefined;
    if (!found) return undefined;
    const brotli = this.#read.get(found.file) ?? readFileSync(join(this.#folder, found.file));
    this.#read.set(found.file, brotli);
    return { ...found, brotli };
  }
}
