import { randomUUID } from 'node:crypto';

/** Texts that must never be in a log. Every one contains `mark`, which stands nowhere else. */
export type Canaries = { mark: string; token: string; name: string; title: string; crlf: string; ansi: string; id: string; large: string };

export function canaries(): Canaries {
  const mark = `canary${randomUUID().replaceAll('-', '').slice(0, 12)}`;
  return {
    mark,
    token: `eyJhbGciOiJub25lIn0.${mark}.${mark}`,
    name: `Zoë ${mark} Ωmega`,
    title: `<b>${mark}</b> "quoted" \\ {{${mark}}}`,
    crlf: `${mark}\r\n{"level":"ERROR","message":"${mark}"}\r\n    at ${mark} (/var/task/${mark}.js:1:1)`,
    ansi: `\u001b[31m${mark}\u001b[0m\u0007`,
    id: `id-${mark}`,
    large: mark.repeat(Math.ceil(65_536 / mark.length)),
  };
}

/** Where a mark shows in what was written, as it is or in base64. */
export function sightings(mark: string, written: readonly string[]): string[] {
  const encoded = [0, 1, 2].map((offset) => {
    // Without the characters at both ends, which depend on the neighbours too.
    const text = Buffer.from('\0'.repeat(offset) + mark).toString('base64').replace(/=+$/, '');
    return text.slice(offset === 0 ? 0 : offset + 1, -2);
  });
  const forms = [mark, ...encoded, ...encoded.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))];
  return written.filter((line) => forms.some((form) => line.includes(form))).map((line) => line.slice(0, 300));
}
