import { useEffect, useState } from 'preact/hooks';
import { query } from '../data/api.ts';
import { keepServer, lastListed, type OpenConflict } from '../data/conflicts.ts';
import { usePages } from '../data/load.ts';
import { go, link, place } from '../router.ts';
import { Confirm } from '../ui/dialog.tsx';
import { PagedTable } from '../ui/paged-table.tsx';
import { Search } from '../ui/search.tsx';
import { Empty } from '../ui/states.tsx';
import { Foreign } from '../ui/text.tsx';
import { Time } from '../ui/time.tsx';
import { toast } from '../ui/toasts.tsx';
import type { Column } from '../ui/virtual-table.tsx';
import { count } from '../ui/words.ts';
import { Heading } from './heading.tsx';
import { KINDS, nameOf } from './conflict-words.ts';

const MOST_AT_ONCE = 200;

const columns = (chosen: ReadonlySet<string>, choose: (id: string, on: boolean) => void): Column<OpenConflict>[] => [
  {
    id: 'select', title: 'Select', width: '4rem',
    cell: (row) => (
      <input type="checkbox" aria-label={`Select ${nameOf(row)}`} checked={chosen.has(row.id)} onChange={(event) => choose(row.id, event.currentTarget.checked)} />
    ),
  },
  {
    id: 'main', title: 'Record', width: '3fr',
    cell: (row) => <a href={link('conflict', { user: row.user ?? undefined, id: row.id })}><Foreign text={nameOf(row)} /></a>,
  },
  { id: 'fields', title: 'In question', width: '1.6fr', cell: (row) => <Foreign text={row.conflicting_fields.join(', ') || KINDS[row.kind]} /> },
  { id: 'user', title: 'User', width: '1fr', cell: (row) => <Foreign text={row.user ?? ''} /> },
  { id: 'device', title: 'Device', width: '1.2fr', cell: (row) => <Foreign text={row.device_id} /> },
  { id: 'last', title: 'Found', width: '8.5rem', cell: (row) => <Time at={row.detected_at} /> },
];

/** Conflicts of everybody that wait for a decision. */
export function Conflicts() {
  const { user, device, type } = place.value.params;
  const filter = (changed: Readonly<Record<string, string | undefined>>) => go('conflicts', { user, device, type, ...changed }, true);
  const params = { user, device_id: device, entity_type: type };
  const pages = usePages<OpenConflict>(JSON.stringify(['conflicts', params]), (cursor) => query('unresolved_conflicts', params, cursor, 100));
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [asking, setAsking] = useState(false);
  useEffect(() => { lastListed.value = pages.rows; }, [pages.rows]);
  const selected = pages.rows.filter((row) => chosen.has(row.id));
  const choose = (id: string, on: boolean) => setChosen((before) => {
    const after = new Set(before);
    if (on) after.add(id);
    else after.delete(id);
    return after;
  });
  const all = pages.rows.slice(0, MOST_AT_ONCE);
  const filtered = Boolean(user ?? device ?? type);
  return (
    <>
      <Heading title="Conflicts">
        <span class="quiet" role="status">{pages.begun ? `${count(pages.rows.length, 'open conflict')}${pages.whole ? '' : ' loaded, more below'}` : ''}</span>
      </Heading>
      <div class="filters" role="search">
        <Search label="User" value={user ?? ''} onChange={(text) => filter({ user: text })} />
        <Search label="Device" value={device ?? ''} onChange={(text) => filter({ device: text })} />
        <Search label="Type" value={type ?? ''} onChange={(text) => filter({ type: text })} />
        <div class="filter-actions">
          <button type="button" disabled={all.length === 0} onClick={() => setChosen(selected.length > 0 ? new Set() : new Set(all.map(({ id }) => id)))}>
            {selected.length > 0 ? `Clear ${selected.length}` : 'Select all'}
          </button>
          <button type="button" disabled={selected.length === 0} onClick={() => setAsking(true)}>Keep the server’s…</button>
        </div>
      </div>
      <PagedTable
        pages={pages}
        label="Conflicts"
        columns={columns(chosen, choose)}
        keyOf={(row) => row.id}
        none={(
          <Empty title={filtered ? 'No open conflict fits these filters' : 'No conflict waits for a decision'}>
            {filtered ? 'Users, devices and types are compared whole.' : 'Where two people change the same field, the server’s value stands until someone decides here, or on a phone.'}
          </Empty>
        )}
      />
      {asking && (
        <KeepServer
          conflicts={selected}
          onClose={() => setAsking(false)}
          onDone={(changed) => {
            setAsking(false);
            setChosen(new Set());
            pages.reload();
            for (const conflict of changed) pages.replace((row) => row.id === conflict.id, conflict);
          }}
        />
      )}
    </>
  );
}

function KeepServer({ conflicts, onClose, onDone }: { conflicts: readonly OpenConflict[]; onClose: () => void; onDone: (changed: OpenConflict[]) => void }) {
  const [done, setDone] = useState<number>();
  const n = count(conflicts.length, 'conflict');
  const run = async () => {
    setDone(0);
    const result = await keepServer(conflicts, setDone);
    const rest = [
      ...(result.changed.length > 0 ? [`${result.changed.length} changed meanwhile and stay open.`] : []),
      ...(result.failed.length > 0 ? [`${result.failed.length} could not be settled: ${result.failed[0]?.reason ?? ''}`] : []),
    ];
    toast([`${count(result.done, 'conflict')} settled.`, ...rest].join(' '), { bad: result.failed.length > 0 });
    onDone(result.changed);
  };
  return (
    <Confirm title={`Keep the server’s values for ${n}?`} verb={`Settle ${n}`} busy={done !== undefined} onClose={onClose} onConfirm={() => void run()}>
      <p>This is the one decision that is safe without looking at each: no record changes. What the phones wanted stays in the settled conflicts, and a conflict that moved since it was listed stays open.</p>
      <p class="quiet">All else – the phone’s values, a merge, your own – is decided one by one.</p>
      {done !== undefined && <progress max={conflicts.length} value={done} aria-label="Settled" />}
    </Confirm>
  );
}
