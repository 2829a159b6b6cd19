import { query, type Row } from '../data/api.ts';
import { usePages } from '../data/load.ts';
import { link, place } from '../router.ts';
import { Badge, toneOf } from '../ui/badge.tsx';
import { Empty, Failed, Skeleton, Stale } from '../ui/states.tsx';
import { Foreign } from '../ui/text.tsx';
import { Time } from '../ui/time.tsx';
import { Fields } from '../ui/value.tsx';
import { words } from '../ui/words.ts';
import { Back, Heading } from './heading.tsx';

type Step = Row<'record_history'>;

const CHANGES: Readonly<Record<Step['change'], string>> = {
  created: 'Created', updated: 'Changed', deleted: 'Deleted', none: 'No change',
};

/** What happened to one record, from its log: as far back as the log is kept. */
export function RecordHistory() {
  const { type = '', id = '', home, user } = place.value.params;
  const params = { entity_type: type, entity_id: id, home, user: home === undefined ? user : undefined };
  const pages = usePages(JSON.stringify(['record', params]), (cursor) => query('record_history', params, cursor, 100));
  return (
    <>
      <Back href={link('find')}>Find</Back>
      <Heading title={`History of ${type === '' ? 'a record' : `a ${type}`}`}><Foreign text={id} /></Heading>
      <Stale failure={pages.begun ? pages.failure : undefined} retry={pages.reload} />
      {!pages.begun && (pages.failure ? <Failed failure={pages.failure} retry={pages.reload} /> : <Skeleton lines={6} />)}
      {pages.begun && pages.rows.length === 0 && pages.whole && (
        <Empty title="Nothing is known of this record">Its log goes back 90 days, and the type, id and home or user must be right.</Empty>
      )}
      <ol class="timeline">
        {pages.rows.map((step) => <Entry key={`${step.at} ${step.version} ${step.client_id}`} step={step} />)}
      </ol>
      {pages.begun && !pages.whole && <button type="button" disabled={pages.loading} onClick={pages.more}>Later entries</button>}
    </>
  );
}

function Entry({ step }: { step: Step }) {
  const { status } = step;
  return (
    <li class={`step ${step.change}`}>
      <div class="step-head">
        <h3>{step.action_type === null ? CHANGES[step.change] : words(step.action_type)}</h3>
        {status !== null && <Badge tone={toneOf(status)}>{words(status)}{step.code === null ? '' : `: ${words(step.code).toLowerCase()}`}</Badge>}
        {step.version !== null && <span class="quiet small">version {step.version}</span>}
        <span class="step-time"><Time at={step.at} clock /></span>
      </div>
      <p class="quiet">
        {step.user === null ? 'The service' : <>by <a href={link('user', { user: step.user })}><Foreign text={step.user} /></a></>}
        {step.device_id !== null && !step.device_id.startsWith('~') && step.user !== null && <> on <a href={link('device', { user: step.user, device: step.device_id })}><Foreign text={step.device_id} /></a></>}
        {step.resolution !== null && <>, {words(step.resolution).toLowerCase()}</>}
        {step.conflict_id !== null && step.user !== null && <> · <a href={link('conflict', { user: step.user, id: step.conflict_id })}>conflict</a></>}
      </p>
      {Object.keys(step.data).length > 0 && <Fields data={step.data} />}
    </li>
  );
}
