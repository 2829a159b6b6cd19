import { query, type Row } from '../data/api.ts';
import { useLoaded } from '../data/load.ts';
import { link, place } from '../router.ts';
import { Badge, toneOf } from '../ui/badge.tsx';
import { Empty, Failed, Skeleton, Stale } from '../ui/states.tsx';
import { Foreign, LongText } from '../ui/text.tsx';
import { Time } from '../ui/time.tsx';
import { count, number, scopeName } from '../ui/words.ts';
import { HEALTH_WORDS } from './devices.tsx';
import { reasonOf } from './failure-words.ts';
import { Back, Heading } from './heading.tsx';

type Detail = Row<'device'>;
type Batch = Detail['pending_batches'][number];

/** One device: state, what waits on it and why. */
export function Device() {
  const { user = '', device = '' } = place.value.params;
  const { data, failure, reload } = useLoaded(`device ${user} ${device}`, () => query('device', { user, device_id: device }));
  const row = data?.rows[0];
  return (
    <>
      <Back href={link('devices')}>Devices</Back>
      <Heading title="Device"><Foreign text={device} /></Heading>
      <Stale failure={data ? failure : undefined} retry={reload} />
      {!data && (failure ? <Failed failure={failure} retry={reload} /> : <Skeleton lines={6} />)}
      {data && !row && <Empty title="This device has never synced">Or it belongs to another user.</Empty>}
      {row && <Known row={row} />}
    </>
  );
}

function Known({ row }: { row: Detail }) {
  const facts = [
    ['Platform', [row.platform, row.os_version].filter(Boolean).join(' ')],
    ['Model', row.model ?? ''],
    ['App', row.app_version ?? ''],
    ['Syncs', number.format(row.sync_count)],
  ] as const;
  return (
    <>
      <section class="card facts">
        <dl class="pairs">
          <div><dt>User</dt><dd><a href={link('user', { user: row.user })}><Foreign text={row.user} /></a></dd></div>
          <div><dt>Health</dt><dd><Badge tone={toneOf(row.sync_health)}>{HEALTH_WORDS[row.sync_health] ?? row.sync_health}</Badge></dd></div>
          <div><dt>Last upload</dt><dd><Time at={row.last_upload} /></dd></div>
          <div><dt>Last download</dt><dd><Time at={row.last_download} /></dd></div>
          {facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value === '' ? <span class="quiet">unknown</span> : <Foreign text={value} />}</dd></div>)}
        </dl>
      </section>
      <div class="columns">
        <Batches title="Failed" n={row.failed} batches={row.dead_batches} href={link('failed', { user: row.user, device: row.device_id })} />
        <Batches title="Pending" n={row.pending} batches={row.pending_batches} href={link('pending', { user: row.user, device: row.device_id })} />
      </div>
      <section class="card">
        <h2>Conflicts</h2>
        {row.unresolved_conflicts === 0
          ? <p class="quiet">None is open.</p>
          : <p><a href={link('conflicts', { user: row.user, device: row.device_id })}>{count(row.unresolved_conflicts, 'open conflict')}</a> wait for a decision.</p>}
      </section>
      <p><a href={link('user', { user: row.user, device: row.device_id })}>All actions of this device</a></p>
    </>
  );
}

function Batches({ title, n, batches, href }: { title: string; n: number; batches: readonly Batch[]; href: string }) {
  return (
    <section class="card">
      <h2>{title}</h2>
      {n === 0 ? <p class="quiet">No action.</p> : (
        <>
          <p><a href={href}>{count(n, 'action')}</a> in {count(batches.length, 'batch', 'batches')}.</p>
          <ul class="plain">
            {batches.slice(0, 5).map((batch) => (
              <li key={batch.batch_id}>
                {count(batch.actions, 'action')} for <Foreign text={scopeName(batch.scope)} />, accepted <Time at={batch.accepted_at} />
                {batch.last_error !== null && <p class="reason"><LongText text={reasonOf(batch.last_error)} /></p>}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
