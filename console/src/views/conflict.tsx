import { useState } from 'preact/hooks';
import { findConflict, lastListed, type OpenConflict } from '../data/conflicts.ts';
import { useLoaded } from '../data/load.ts';
import { link, place } from '../router.ts';
import { Empty, Failed, Skeleton, Stale } from '../ui/states.tsx';
import { Foreign } from '../ui/text.tsx';
import { Time } from '../ui/time.tsx';
import { Compare } from './compare.tsx';
import { KINDS, nameOf } from './conflict-words.ts';
import { Decide } from './decide.tsx';
import { Back, Heading } from './heading.tsx';

/** One conflict: three versions side by side, and the decision. */
export function Conflict() {
  const { user = '', id = '' } = place.value.params;
  const { data, failure, loading, reload } = useLoaded(`conflict ${user} ${id}`, async () => ({ found: await findConflict(user, id) }));
  // Newer than what was asked for: what the server said to a decision.
  const [newer, setNewer] = useState<OpenConflict>();
  const shown = newer?.id === id && newer.server_version >= (data?.found?.server_version ?? 0) ? newer : data?.found;
  const next = lastListed.value.find((other) => other.id !== id);
  return (
    <>
      <Back href={link('conflicts')}>Conflicts</Back>
      {!data && <Heading title="Conflict" />}
      <Stale failure={data ? failure : undefined} retry={reload} />
      {!data && (failure ? <Failed failure={failure} retry={reload} /> : <Skeleton lines={8} />)}
      {data && !shown && (
        <>
          <Heading title="Conflict" />
          <Empty title="This conflict is settled">
            {next && !loading ? <a href={link('conflict', { user: next.user ?? undefined, id: next.id })}>Go on with the next one</a> : 'Or it never was.'}
          </Empty>
        </>
      )}
      {shown && (
        <>
          <Heading title={nameOf(shown)} />
          <p class="quiet about-conflict">
            {KINDS[shown.kind]}: <a href={link('user', { user: shown.user ?? undefined })}><Foreign text={shown.user ?? ''} /></a> on{' '}
            <a href={link('device', { user: shown.user ?? undefined, device: shown.device_id })}><Foreign text={shown.device_id} /></a>,{' '}
            found <Time at={shown.detected_at} /> ·{' '}
            <a href={link('record', { type: shown.entity_type, id: shown.entity_id, home: shown.home })}>History of the record</a>
          </p>
          {shown === newer && <p class="notice" role="alert">The record changed while you looked at it, and nothing was applied. This is how it is now: decide again.</p>}
          <Compare conflict={shown} />
          <Decide key={`${shown.id} ${shown.server_version}`} conflict={shown} onChanged={(conflict) => setNewer({ ...shown, ...conflict })} />
        </>
      )}
    </>
  );
}
