import { query, type Row } from '../data/api.ts';
import { usePages } from '../data/load.ts';
import { go, link, place } from '../router.ts';
import { Badge, toneOf } from '../ui/badge.tsx';
import { PagedTable } from '../ui/paged-table.tsx';
import { Choice, Search } from '../ui/search.tsx';
import { Empty } from '../ui/states.tsx';
import { Foreign } from '../ui/text.tsx';
import { Time } from '../ui/time.tsx';
import type { Column } from '../ui/virtual-table.tsx';
import { count, words } from '../ui/words.ts';
import { Back, Heading } from './heading.tsx';

type Done = Row<'user_actions'>;

const STATUS = [['success', 'Success'], ['conflict', 'Conflict'], ['rejected', 'Rejected']] as const;

const COLUMNS: readonly Column<Done>[] = [
  { id: 'main', title: 'Action', width: '1.5fr', cell: (row) => <a href={link('action', { user: row.user ?? '', id: row.client_id ?? '' })}><Foreign text={words(row.action_type ?? 'action')} /></a> },
  {
    id: 'user', title: 'Record', width: '2fr',
    cell: (row) => (row.entity_id === null ? <span class="quiet">{row.entity_type}</span> : <Foreign text={`${row.entity_type} ${row.server_id ?? row.entity_id}`} />),
  },
  { id: 'health', title: 'Outcome', width: '9rem', cell: (row) => <Badge tone={toneOf(row.status ?? '')}>{words(row.status ?? 'unknown')}</Badge> },
  { id: 'why', title: 'Why', width: '1.5fr', cell: (row) => <span class="quiet">{words(row.code ?? row.resolution ?? '')}</span> },
  { id: 'device', title: 'Device', width: '1.5fr', cell: (row) => <Foreign text={row.device_id ?? ''} /> },
  { id: 'last', title: 'Done', width: '8.5rem', cell: (row) => <Time at={row.done_at} /> },
];

/** Final outcomes of one user's actions. */
export function UserActions() {
  const { user = '', device, status } = place.value.params;
  const filter = (changed: Readonly<Record<string, string | undefined>>) => go('user', { user, device, status, ...changed }, true);
  const params = { user, device_id: device, status };
  const pages = usePages(JSON.stringify(['user', params]), (cursor) => query('user_actions', params, cursor));
  return (
    <>
      <Back href={link('find')}>Find</Back>
      <Heading title="Actions of a user"><Foreign text={user} /></Heading>
      <div class="filters" role="search">
        <Search label="Device" value={device ?? ''} onChange={(text) => filter({ device: text })} />
        <Choice label="Outcome" value={status} options={STATUS} onChange={(value) => filter({ status: value })} />
        <div class="filter-actions">
          <a class="button" href={link('devices', { user })}>Devices</a>
          <a class="button" href={link('pending', { user })}>Pending</a>
          <a class="button" href={link('conflicts', { user })}>Conflicts</a>
        </div>
      </div>
      <p class="quiet" role="status">{pages.begun ? `${count(pages.rows.length, 'action')} with an outcome${pages.whole ? '' : ' loaded, more below'}` : ''}&nbsp;</p>
      <PagedTable
        pages={pages}
        label="Actions"
        columns={COLUMNS}
        keyOf={(row) => row.client_id ?? ''}
        none={<Empty title="No action of this user has an outcome">Users are named by the subject of their tokens, compared whole.</Empty>}
      />
    </>
  );
}
