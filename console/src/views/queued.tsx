import { useState } from 'preact/hooks';
import { query, type Row } from '../data/api.ts';
import { usePages } from '../data/load.ts';
import { go, link, place } from '../router.ts';
import { PagedTable } from '../ui/paged-table.tsx';
import { Search } from '../ui/search.tsx';
import { Empty } from '../ui/states.tsx';
import { Foreign } from '../ui/text.tsx';
import { Time } from '../ui/time.tsx';
import type { Column } from '../ui/virtual-table.tsx';
import { count, number, words } from '../ui/words.ts';
import { reasonOf } from './failure-words.ts';
import { Heading } from './heading.tsx';
import { RedriveDialog } from './redrive.tsx';

type Queued = Row<'pending_actions'> & Partial<Pick<Row<'failed_actions'>, 'last_error'>>;

/** How many batches one request may name. */
const MOST_BATCHES = 100;

const main: Column<Queued> = {
  id: 'main', title: 'Action', width: '1.3fr',
  cell: (row) => <a href={link('action', { user: row.user, id: row.client_id })}><Foreign text={words(row.action_type)} /></a>,
};
const user: Column<Queued> = { id: 'user', title: 'User', width: '1fr', cell: (row) => <Foreign text={row.user} /> };
const device: Column<Queued> = { id: 'device', title: 'Device', width: '1.2fr', cell: (row) => <Foreign text={row.device_id} /> };
const since: Column<Queued> = { id: 'last', title: 'Accepted', width: '8.5rem', cell: (row) => <Time at={row.accepted_at} /> };
const tries: Column<Queued> = { id: 'pending', title: 'Tries', width: '4.5rem', align: 'end', cell: (row) => number.format(row.attempts) };
const reason: Column<Queued> = { id: 'reason', title: 'Reason', width: '4fr', cell: (row) => <Foreign text={reasonOf(row.last_error)} most={200} /> };

const VIEWS = {
  pending: {
    title: 'Pending actions', ask: 'pending_actions', columns: [main, user, device, since, tries],
    none: 'Nothing waits', why: 'Every accepted action has its outcome.',
  },
  failed: {
    title: 'Failed actions', ask: 'failed_actions', columns: [main, user, reason, since, tries],
    none: 'Nothing has failed', why: 'An action comes here when the server gave up on it; it is kept, with its payload, until someone decides.',
  },
} as const;

/** Actions without an outcome: those that wait, or those that the server gave up on. */
export function QueuedActions({ state }: { state: 'pending' | 'failed' }) {
  const view = VIEWS[state];
  const { user: who, device: on } = place.value.params;
  const [asking, setAsking] = useState<'redrive' | 'discard'>();
  const filter = (changed: Readonly<Record<string, string | undefined>>) => go(state, { user: who, device: on, ...changed }, true);
  const params = { user: who, device_id: on };
  const pages = usePages<Queued>(JSON.stringify([state, params]), (cursor) => query(view.ask, params, cursor));
  const filtered = Boolean(who ?? on);
  const batches = [...new Set(pages.rows.map((row) => row.batch_id))];
  const some = batches.slice(0, MOST_BATCHES);
  return (
    <>
      <Heading title={view.title}>
        <span class="quiet" role="status">{pages.begun ? `${count(pages.rows.length, 'action')}${pages.whole ? '' : ' loaded, more below'}` : ''}</span>
      </Heading>
      <nav class="tabs" aria-label="State">
        <a href={link('failed', params)} aria-current={state === 'failed' ? 'page' : undefined}>Failed</a>
        <a href={link('pending', params)} aria-current={state === 'pending' ? 'page' : undefined}>Pending</a>
      </nav>
      <div class="filters" role="search">
        <Search label="User" value={who ?? ''} onChange={(text) => filter({ user: text })} />
        <Search label="Device" value={on ?? ''} onChange={(text) => filter({ device: text })} />
        {state === 'failed' && some.length > 0 && (
          <div class="filter-actions">
            <button type="button" class="primary" onClick={() => setAsking('redrive')}>Redrive {filtered ? 'these' : 'all shown'}</button>
          </div>
        )}
      </div>
      <PagedTable
        pages={pages}
        label={view.title}
        columns={view.columns}
        keyOf={(row) => `${row.batch_id} ${row.client_id}`}
        none={<Empty title={filtered ? `${view.none} for these filters` : view.none}>{filtered ? 'Users and devices are compared whole.' : view.why}</Empty>}
      />
      {asking && (
        <RedriveDialog
          batchIds={some}
          discard={false}
          onClose={() => setAsking(undefined)}
          onDone={() => {
            setAsking(undefined);
            pages.reload();
          }}
        />
      )}
    </>
  );
}
