import { globalKey } from '../../engine/keys.ts';
import type { AttachmentLink } from '../../engine/model.ts';
import type { LinkRow } from '../../engine/views.ts';
import type { Deps } from '../deps.ts';
import type { AttachmentRow } from '../ports/attachment-store.ts';
import { behind, damage, type Finding } from './finding.ts';

/** Attachments that are read at once. */
const AT_ONCE = 100;

type Wanted = AttachmentLink & { key: string; n: number };

/** Attachments as the links of a log ask for them; those beyond `applied` are in the making. */
export class LinkCheck {
  readonly #applied: number;
  readonly #wanted = new Map<string, Wanted>();

  constructor(applied: number) {
    this.#applied = applied;
  }

  see({ id, live, state, n, row }: LinkRow): void {
    if (n <= this.#applied) this.#wanted.set(id, { id, live, state, n, key: globalKey(row.home, row.type, row.entityId) });
  }

  async findings(deps: Pick<Deps, 'attachments'>): Promise<Finding[]> {
    const all = [...this.#wanted.values()];
    const findings: Finding[] = [];
    for (let i = 0; i < all.length; i += AT_ONCE) {
      const part = all.slice(i, i + AT_ONCE);
      const rows = await deps.attachments.get(part.map(({ id }) => id));
      for (const wanted of part) {
        const finding = judge(wanted, rows.get(wanted.id));
        if (finding) findings.push(finding);
      }
    }
    return findings;
  }
}

/** One that was released is removed in time, and one that is shown as refused may be gone or another record's. */
function judge({ id, live, state, n, key }: Wanted, row: AttachmentRow | undefined): Finding | undefined {
  if (!row || row.attachedTo !== key) {
    return live && state !== 'refused' ? damage('attachment_missing', id, `commit ${n} shows it as ${state}`) : undefined;
  }
  if ((row.n ?? 0) < n) return damage('attachment_stale', id, `is of commit ${row.n ?? 0}, and ${n} spoke of it too`);
  if (row.n === n && live && row.state !== state) return behind('attachment_untold', id, `is ${row.state}, and commit ${n} shows it as ${state}`);
  return undefined;
}
