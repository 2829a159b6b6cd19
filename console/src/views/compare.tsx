import type { WireConflict } from '../../../src/protocol/conflict.ts';
import type { Json } from '../../../src/protocol/json.ts';
import { touched } from '../data/conflicts.ts';
import { Badge } from '../ui/badge.tsx';
import { textDiff } from '../ui/diff.ts';
import { Value } from '../ui/value.tsx';
import { visibleText } from '../ui/visible-text.ts';

/** Base, phone and server, field by field; contested fields first and marked, texts with their differences. */
export function Compare({ conflict }: { conflict: WireConflict }) {
  const { base_data: base, client_data: client, server_data: server, conflicting_fields: contested, server_deleted: gone } = conflict;
  const fields = touched(conflict);
  return (
    <section class="card compare-card" aria-labelledby="compare-title">
      <h2 id="compare-title" class="unseen">The three versions</h2>
      <table class="compare">
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Before <span class="quiet">as the phone knew it</span></th>
            <th scope="col">Phone <span class="quiet">{client === null ? 'deleted it' : 'wants'}</span></th>
            <th scope="col">Server <span class="quiet">{gone ? 'deleted it' : 'has'}</span></th>
          </tr>
        </thead>
        <tbody>
          {fields.map((field) => {
            const inQuestion = contested.includes(field);
            const before = base?.[field];
            return (
              <tr key={field} class={inQuestion ? 'contested' : ''}>
                <th scope="row">
                  <span class="field-name">{visibleText(field)}</span>
                  {inQuestion ? <Badge tone="warn">differs</Badge> : <span class="quiet small">merged</span>}
                </th>
                <td data-title="Before">{base === null ? <span class="quiet">not known</span> : <Value value={before} />}</td>
                <td data-title="Phone">{client === null ? <em>deleted</em> : <Side value={client[field]} before={before ?? server?.[field]} mark={inQuestion} />}</td>
                <td data-title="Server">{gone ? <em>deleted</em> : <Side value={server?.[field]} before={before} mark={inQuestion} />}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {fields.length === 0 && <p class="quiet">The whole record is in question: {client === null ? 'the phone deleted it' : 'the server deleted it'}.</p>}
    </section>
  );
}

/** A value of one side; a text is shown by what differs from the text it came from. */
function Side({ value, before, mark }: { value: Json | undefined; before: Json | undefined; mark: boolean }) {
  const parts = mark && typeof value === 'string' && typeof before === 'string' ? textDiff(before, value) : undefined;
  if (!parts || (parts.length <= 2 && parts.every(({ kind }) => kind !== 'same'))) return <Value value={value} />;
  return (
    <bdi class="diff">
      {parts.map(({ kind, text }, i) => {
        const shown = visibleText(kind === 'same' && text.length > 600 ? `${text.slice(0, 200)} … ${text.slice(-200)}` : text);
        if (kind === 'gone') return <del key={i}>{shown}</del>;
        return kind === 'new' ? <ins key={i}>{shown}</ins> : <span key={i}>{shown}</span>;
      })}
    </bdi>
  );
}
