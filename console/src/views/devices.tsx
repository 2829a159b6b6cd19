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
import { count, number } from '../ui/words.ts';
import { Heading } from './heading.tsx';

type Device = Row<'sync_activity'>;

const HEALTH = [['good', 'Good'], ['conflicts', 'Conflicts'], ['stalled', 'Stalled'], ['failing', 'Failing']] as const;

export const HEALTH_WORDS: Readonly<Record<string, string>> = Object.fromEntries(HEALTH);

const COLUMNS: readonly Column<Device>[] = [
  { id: 'main', title: 'Device', width: '2.2fr', cell: (row) => <a href={link('device', { user: row.user, device: row.device_id })}><Foreign text={row.device_id} /></a> },
  { id: 'user', title: 'User', width: '1.6fr', cell: (row) => <Foreign text={row.user} /> },
  { id: 'health', title: 'Health', width: '7rem', cell: (row) => <Health of={row} /> },
  { id: 'last', title: 'Last sync', width: '8.5rem', cell: (row) => <Time at={row.last_sync} /> },
  { id: 'pending', title: 'Pending', width: '5rem', align: 'end', cell: (row) => <Figure n={row.pending} /> },
  { id: 'failed', title: 'Failed', width: '5rem', align: 'end', cell: (row) => <Figure n={row.failed ?? 0} /> },
  { id: 'app', title: 'App', width: '8rem', cell: (row) => <span class="quiet"><Foreign text={[row.platform, row.app_version].filter(Boolean).join(' ') || '–'} /></span> },
];

function Health({ of }: { of: Device }) {
  const health = of.sync_health ?? 'good';
  return <Badge tone={toneOf(health)}>{HEALTH_WORDS[health] ?? health}</Badge>;
}

function Figure({ n }: { n: number }) {
  return <span class={n === 0 ? 'quiet' : 'strong'}>{number.format(n)}</span>;
}

/** Every device that ever synced. */
export function Devices() {
  const { user, device, health } = place.value.params;
  const filter = (changed: Readonly<Record<string, string | undefined>>) => go('devices', { user, device, health, ...changed }, true);
  const params = { user, device_id: device, status: health, details: true };
  const pages = usePages(JSON.stringify(['devices', params]), (cursor) => query('sync_activity', params, cursor));
  const filtered = Boolean(user ?? device ?? health);
  return (
    <>
      <Heading title="Devices">
        <span class="quiet" role="status">{pages.begun ? `${count(pages.rows.length, 'device')}${pages.whole ? '' : ' loaded, more below'}` : ''}</span>
      </Heading>
      <div class="filters" role="search">
        <Search label="User" value={user ?? ''} onChange={(text) => filter({ user: text })} />
        <Search label="Device" value={device ?? ''} onChange={(text) => filter({ device: text })} />
        <Choice label="Health" value={health} options={HEALTH} onChange={(value) => filter({ health: value })} />
      </div>
      <PagedTable
        pages={pages}
        label="Devices"
        columns={COLUMNS}
        keyOf={(row) => `${row.user}\n${row.device_id}`}
        none={(
          <Empty title={filtered ? 'No device fits these filters' : 'No device has synced yet'}>
            {filtered ? 'Users and devices are compared whole, not by their beginnings.' : 'The first upload or download of a phone brings it here.'}
          </Empty>
        )}
      />
    </>
  );
}
