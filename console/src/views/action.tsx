import { useState } from 'preact/hooks';
import { query, type Row } from '../data/api.ts';
import { useLoaded } from '../data/load.ts';
import { link, place } from '../router.ts';
import { Badge, toneOf } from '../ui/badge.tsx';
import { Empty, Failed, Skeleton, Stale } from '../ui/states.tsx';
import { Foreign, LongText } from '../ui/text.tsx';
import { Time } from '../ui/time.tsx';
import { Fields, sizeOf } from '../ui/value.tsx';
import { words } from '../ui/words.ts';
import { reasonOf } from './failure-words.ts';
import { Back, Heading } from './heading.tsx';
import { RedriveDialog } from './redrive.tsx';

type Detail = Row<'action'>;

/** One action: what it asked for, and what became of it. */
export function Action() {
  const { user = '', id = '' } = place.value.params;
  const { data, failure, reload } = useLoaded(`action ${user} ${id}`, () => query('action', { user, client_id: id }));
  const row = data?.rows[0];
  return (
    <>
      <Back href={link(row?.state === 'pending' ? 'pending' : row?.state === 'done' ? 'user' : 'failed', row?.state === 'done' ? { user } : {})}>
        {row?.state === 'pending' ? 'Pending actions' : row?.state === 'done' ? 'Actions of this user' : 'Failed actions'}
      </Back>
      <Heading title={row ? words(row.action_type) : 'Action'}>
        {row && <Badge tone={toneOf(row.status ?? row.state)}>{words(row.status ?? row.state)}</Badge>}
      </Heading>
      <Stale failure={data ? failure : undefined} retry={reload} />
      {!data && (failure ? <Failed failure={failure} retry={reload} /> : <Skeleton lines={6} />)}
      {data && !row && <Empty title="There is no such action">It was never accepted from this user.</Empty>}
      {row && <Known row={row} reload={reload} />}
    </>
  );
}

function Known({ row, reload }: { row: Detail; reload: () => void }) {
  const [asking, setAsking] = useState<'redrive' | 'discard'>();
  return (
    <>
      {row.last_error !== null && (
        <section class="card reason-card">
          <h2>Why it {row.state === 'failed' ? 'failed' : 'waits'}</h2>
          <p class="reason"><LongText text={reasonOf(row.last_error)} /></p>
          <p class="quiet">Tried {row.retry_count} of {row.max_retries} times.</p>
        </section>
      )}
      {row.state === 'failed' && row.batch_id !== null && (
        <div class="buttons">
          <button type="button" class="primary" onClick={() => setAsking('redrive')}>Redrive…</button>
          <button type="button" class="danger-quiet" onClick={() => setAsking('discard')}>Discard…</button>
        </div>
      )}
      <section class="card facts">
        <dl class="pairs">
          <div><dt>User</dt><dd><a href={link('user', { user: row.user })}><Foreign text={row.user} /></a></dd></div>
          <div><dt>Device</dt><dd><a href={link('device', { user: row.user, device: row.device_id })}><Foreign text={row.device_id} /></a></dd></div>
          <div><dt>Done on the phone</dt><dd><Time at={row.action_time} /></dd></div>
          <div><dt>Accepted</dt><dd><Time at={row.accepted_at} /></dd></div>
          {row.next_send_at !== null && <div><dt>Next try</dt><dd><Time at={row.next_send_at} clock /></dd></div>}
          {row.code !== null && <div><dt>Code</dt><dd><Foreign text={row.code} /></dd></div>}
          <div>
            <dt>Record</dt>
            <dd>
              {row.entity_id === null ? <Foreign text={row.entity_type} /> : (
                <a href={link('record', { type: row.entity_type, id: row.entity_id, home: row.home ?? undefined, user: row.user })}>
                  <Foreign text={`${row.entity_type} ${row.entity_id}`} />
                </a>
              )}
            </dd>
          </div>
          {row.conflict_id !== null && <div><dt>Conflict</dt><dd><a href={link('conflict', { user: row.user, id: row.conflict_id })}>Open it</a></dd></div>}
        </dl>
      </section>
      {row.errors !== null && row.errors.length > 0 && (
        <section class="card">
          <h2>What was not valid</h2>
          <ul class="plain">{row.errors.map(({ pointer, message }) => <li key={pointer + message}><code><Foreign text={pointer} /></code> {message}</li>)}</ul>
        </section>
      )}
      <section class="card">
        <h2>Payload {row.data !== null && <span class="quiet small">{sizeOf(row.data)}</span>}</h2>
        {row.data === null
          ? <p class="quiet">{row.state === 'done' ? 'Kept in the record’s history, no longer with the action.' : 'The action has none.'}</p>
          : <Fields data={row.data} />}
      </section>
      {asking && row.batch_id !== null && (
        <RedriveDialog
          batchIds={[row.batch_id]}
          discard={asking === 'discard'}
          onClose={() => setAsking(undefined)}
          onDone={() => {
            setAsking(undefined);
            reload();
          }}
        />
      )}
    </>
  );
}
